/** What the whole studio shares: the offer, avatars and voices, fetched once and on demand. */

import { signal } from "@preact/signals";
import * as api from "./api/calls";
import type { Avatar, Offer, Voice } from "./api/types";

export const offer = signal<Offer | null>(null);
export const avatars = signal<Avatar[] | null>(null);
export const voices = signal<Voice[] | null>(null);

let asked: Promise<void> | null = null;

/** Fetch what is missing. */
export function openCatalogue(): Promise<void> {
  asked ??= Promise.all([api.offer(), api.avatars(), api.voices()]).then(
    ([offered, people, speakers]) => {
      offer.value = offered;
      avatars.value = people;
      voices.value = speakers;
    },
    (problem: unknown) => {
      asked = null;
      throw problem;
    },
  );
  return asked;
}

/** Look again at who there is, after an avatar was made or deleted. */
export async function freshAvatars(): Promise<void> {
  avatars.value = await api.avatars();
  voices.value = await api.voices();
}

/** Ready ones, own before stock. */
export const usable = (people: Avatar[]) =>
  people
    .filter((one) => one.status === "ready")
    .sort((a, b) => Number(a.scope === "public") - Number(b.scope === "public"));

/** "English (US)" of a voice. */
export const tongue = (voice: Voice) =>
  voice.properties.accent.replace("(United States)", "(US)").replace("(United Kingdom)", "(UK)");
