/** Choose who is seen and who is heard. */

import { useState } from "preact/hooks";
import type { Avatar, Voice } from "../api/types";
import { tongue, usable } from "../catalogue";
import { nameOf, Portrait } from "./avatar-card";
import { Dialog } from "./dialog";
import { useAvatarFilter, useVoiceFilter } from "./filters";
import { Icon } from "./icons";
import { hush, playing, toggle, waiting } from "./sound";

export function AvatarPicker({
  avatars,
  value,
  pick,
  close,
}: {
  avatars: Avatar[];
  value: string;
  pick: (avatar: Avatar) => void;
  close: () => void;
}) {
  const [over, setOver] = useState("");
  const { found, shown, bar, more } = useAvatarFilter(usable(avatars), true);
  return (
    <Dialog title="Who speaks?" close={close} wide>
      {bar}
      <ul class="people">
        {shown.map((avatar) => (
          <li key={avatar.id}>
            <button
              type="button"
              class="person"
              aria-pressed={avatar.id === value}
              onMouseEnter={() => setOver(avatar.id)}
              onMouseLeave={() => setOver("")}
              onClick={() => pick(avatar)}
            >
              <Portrait avatar={avatar} live={over === avatar.id} />
              <span class="person-name">
                {nameOf(avatar).first}
                <small class="muted">{nameOf(avatar).rest}</small>
              </span>
            </button>
          </li>
        ))}
        <li>
          <a class="person new" href="/avatars/new">
            <span class="portrait">
              <Icon name="plus" size={30} />
            </span>
            <span class="person-name">Someone new</span>
          </a>
        </li>
      </ul>
      {!found.length && <p class="muted nothing">Nobody like that.</p>}
      {more}
    </Dialog>
  );
}

export function PlaySample({ voice }: { voice: Voice }) {
  const on = playing.value === voice.id;
  const soon = waiting.value === voice.id;
  return (
    <button
      type="button"
      class="play-sample"
      aria-label={on ? `Stop ${voice.name}` : `Hear ${voice.name}`}
      aria-busy={soon}
      onClick={() => void toggle(voice.id, voice.preview_url)}
    >
      {soon ? <span class="spinner" /> : <Icon name={on ? "pause" : "play"} size={16} />}
    </button>
  );
}

export function VoicePicker({
  voices,
  value,
  pick,
  close,
}: {
  voices: Voice[];
  value: string;
  pick: (voice: Voice) => void;
  close: () => void;
}) {
  const { found, bar } = useVoiceFilter(voices, voices.find((voice) => voice.id === value)?.language ?? "");
  const done = () => {
    hush();
    close();
  };
  return (
    <Dialog title="Which voice?" close={done}>
      {bar}
      <ul class="voice-list">
        {found.map((voice) => (
          <li key={voice.id} class={voice.id === value ? "voice here" : "voice"}>
            <PlaySample voice={voice} />
            <button
              type="button"
              class="voice-pick"
              aria-pressed={voice.id === value}
              onClick={() => {
                hush();
                pick(voice);
              }}
            >
              <strong>{voice.name}</strong>
              <small>
                {tongue(voice)} · {voice.gender}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {!found.length && <p class="muted nothing">No voice like that.</p>}
    </Dialog>
  );
}
