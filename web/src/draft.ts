/** The video that is being written, kept while this tab is open. */

import { effect, signal } from "@preact/signals";
import type { Look } from "./api/types";

export interface Draft {
  avatar: string;
  voice: string;
  text: string;
  title: string;
  audio: { id: string; name: string; seconds: number } | null;
  look: Look;
}

const KEPT = "visavis-draft";

export const plain: Look = {
  resolution: "720p",
  aspect: "landscape",
  layout: "full",
  format: "mp4",
  background: "",
  background_id: "",
  captions: false,
  caption_style: "classic",
  emotion: "friendly",
  speed: 1,
};

export const SAMPLE =
  "Hello! I'm Ava, and I live on your own machine. Write me a few words, and I will say them for you. " +
  "No cloud, no meter running. Shall we begin?";

const blank: Draft = { avatar: "", voice: "", text: "", title: "", audio: null, look: plain };

function kept(): Draft {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<Draft>;
    return { ...blank, ...found, look: { ...plain, ...found.look } };
  } catch {
    return blank;
  }
}

export const draft = signal<Draft>(kept());

effect(() => sessionStorage.setItem(KEPT, JSON.stringify(draft.value)));

export const change = (part: Partial<Draft>) => {
  draft.value = { ...draft.value, ...part };
};

export const restyle = (part: Partial<Look>) => change({ look: { ...draft.value.look, ...part } });
