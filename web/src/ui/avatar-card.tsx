/** A person on a card: picture, and a greeting when the pointer rests on it. */

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Avatar } from "../api/types";
import { words } from "../format";
import { Icon } from "./icons";

const greetings = new Map<string, Promise<string>>();

function greetingOf(avatar: Avatar): Promise<string> {
  const known = greetings.get(avatar.id);
  if (known) return known;
  const asked = avatar.video_url ? Promise.resolve(avatar.video_url) : api.greeting(avatar.id);
  greetings.set(avatar.id, asked);
  asked.catch(() => greetings.delete(avatar.id));
  return asked;
}

/** The picture, moving while `live`. */
export function Portrait({ avatar, live }: { avatar: Avatar; live: boolean }) {
  const [film, setFilm] = useState("");
  const [moving, setMoving] = useState(false);
  const shown = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    if (!live || avatar.status !== "ready") {
      setMoving(false);
      return;
    }
    let wanted = true;
    const rest = setTimeout(() => {
      greetingOf(avatar).then(
        (url) => wanted && setFilm(url),
        () => {},
      );
    }, 180);
    return () => {
      wanted = false;
      clearTimeout(rest);
    };
  }, [live, avatar]);

  useEffect(() => {
    const video = shown.current;
    if (!video) return;
    if (live) void video.play().catch(() => {});
    else {
      video.pause();
      video.currentTime = 0;
    }
  }, [live, film]);

  return (
    <span class="portrait">
      {avatar.thumbnail_url ? (
        <img src={avatar.thumbnail_url} alt="" loading="lazy" decoding="async" />
      ) : (
        <Icon name="people" size={40} />
      )}
      {film && (
        <video
          ref={shown}
          src={film}
          class={live && moving ? "shown" : ""}
          muted
          loop
          playsInline
          tabIndex={-1}
          aria-hidden="true"
          onPlaying={() => setMoving(true)}
        />
      )}
    </span>
  );
}

/** A name in two parts: presenters are called "Ava, living room" where they are not as they were made. */
export function nameOf(avatar: Avatar): { first: string; rest: string } {
  const at = avatar.scope === "public" ? avatar.name.indexOf(", ") : -1;
  return at < 0 ? { first: avatar.name, rest: "" } : { first: avatar.name.slice(0, at), rest: words(avatar.name.slice(at + 2)) };
}

const STATES = { pending: "Being made", processing: "Being made", failed: "Did not work", ready: "Yours" };

/** What is said below the name. */
export const stateOf = (avatar: Avatar) =>
  avatar.status === "ready" && avatar.scope === "public"
    ? nameOf(avatar).rest || words(avatar.occupation ?? "presenter")
    : STATES[avatar.status];
