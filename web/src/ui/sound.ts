/** One sound at a time: samples of voices. */

import { signal } from "@preact/signals";
import { complain } from "./toast";

/** Which sample plays, or waits to play. */
export const playing = signal("");
export const waiting = signal("");

const player = new Audio();
player.addEventListener("ended", () => {
  playing.value = "";
});

/** Play a sample, or stop it where it plays. */
export async function toggle(id: string, url: string): Promise<void> {
  player.pause();
  if (playing.value === id) {
    playing.value = "";
    return;
  }
  playing.value = "";
  waiting.value = id;
  try {
    const answer = await fetch(url);
    if (!answer.ok) {
      const body = (await answer.json()) as { detail?: string };
      throw new Error(body.detail ?? "This voice cannot be heard right now.");
    }
    const sound = URL.createObjectURL(await answer.blob());
    if (waiting.value !== id) return;
    if (player.src) URL.revokeObjectURL(player.src);
    player.src = sound;
    await player.play();
    playing.value = id;
  } catch (problem) {
    complain(problem);
  } finally {
    if (waiting.value === id) waiting.value = "";
  }
}

/** Silence. */
export function hush(): void {
  player.pause();
  playing.value = waiting.value = "";
}
