/** The picture of a video that is not made yet, drawn again whenever something changes. */

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Avatar, Look } from "../api/types";
import { bare } from "../format";
import { Failed } from "./states";

const SHAPES: Record<string, number> = { landscape: 16 / 9, portrait: 9 / 16, square: 1, "4:5": 4 / 5, auto: 16 / 9 };

/** Width by height of an aspect. */
export const shapeOf = (aspect: string) => SHAPES[aspect] ?? 16 / 9;

export function Stage({ avatar, look, text }: { avatar: Avatar | undefined; look: Look; text: string }) {
  const [picture, setPicture] = useState("");
  const [drawn, setDrawn] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [round, setRound] = useState(0);
  const old = useRef("");
  const { aspect, layout, background, background_id, captions, caption_style } = look;
  const said = captions ? bare(text).split(/\s+/).slice(0, 6).join(" ") : "";

  useEffect(() => {
    if (!avatar) return;
    const stop = new AbortController();
    setBusy(true);
    setError("");
    const timer = setTimeout(() => {
      api.still(avatar.id, { aspect, layout, background, background_id, captions, caption_style }, said, stop.signal).then(
        (blob) => {
          if (old.current) URL.revokeObjectURL(old.current);
          old.current = URL.createObjectURL(blob);
          setPicture(old.current);
          setDrawn(shapeOf(aspect));
          setBusy(false);
        },
        (problem: Error) => {
          if (problem.name === "AbortError") return;
          setError(problem.message);
          setBusy(false);
        },
      );
    }, 250);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [avatar?.id, aspect, layout, background, background_id, captions, caption_style, said, round]);

  const shape = shapeOf(aspect);
  return (
    <figure class={busy ? "stage busy" : "stage"} style={{ "--shape": String(shape) }}>
      <div class="stage-screen">
        {picture ? (
          <img
            src={picture}
            class={drawn === shape ? "" : "stale"}
            alt={avatar ? `${avatar.name} as the video will show them` : ""}
          />
        ) : (
          avatar?.thumbnail_url && <img src={avatar.thumbnail_url} alt="" class="stale" />
        )}
        {busy && <span class="stage-line" aria-hidden="true" />}
        {error && <Failed error={new Error(error)} again={() => setRound(round + 1)} />}
      </div>
      <figcaption class="sr" aria-live="polite">
        {error ? "There is no preview" : busy ? "Drawing the preview" : "The preview is up to date"}
      </figcaption>
    </figure>
  );
}
