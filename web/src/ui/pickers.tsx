/** Choose who is seen and who is heard. */

import { useMemo, useState } from "preact/hooks";
import type { Avatar, Voice } from "../api/types";
import { tongue, usable } from "../catalogue";
import { Portrait } from "./avatar-card";
import { Dialog } from "./dialog";
import { Select } from "./fields";
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
  return (
    <Dialog title="Who speaks?" close={close} wide>
      <ul class="people">
        {usable(avatars).map((avatar) => (
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
              <span class="person-name">{avatar.name}</span>
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

/** Voices by language, gender and name. */
export function useVoiceFilter(voices: Voice[], start = "") {
  const [language, setLanguage] = useState(start);
  const [gender, setGender] = useState("");
  const [search, setSearch] = useState("");
  const languages = useMemo(
    () => [...new Map(voices.map((voice) => [voice.language, tongue(voice)]))].sort((a, b) => a[1].localeCompare(b[1])),
    [voices],
  );
  const found = voices.filter(
    (voice) =>
      (!language || voice.language === language) &&
      (!gender || voice.gender === gender) &&
      `${voice.name} ${tongue(voice)} ${voice.id}`.toLowerCase().includes(search.trim().toLowerCase()),
  );
  const bar = (
    <div class="filters" role="search" aria-label="Voices">
      <label class="search">
        <span class="sr">Search voices</span>
        <Icon name="search" size={18} />
        <input
          type="search"
          placeholder="Search"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      <Select
        label="Language"
        hidden
        value={language}
        set={setLanguage}
        options={[{ value: "", label: "Every language" }, ...languages.map(([value, label]) => ({ value, label }))]}
      />
      <Select
        label="Gender"
        hidden
        value={gender}
        set={setGender}
        options={[
          { value: "", label: "Anyone" },
          { value: "female", label: "Female" },
          { value: "male", label: "Male" },
        ]}
      />
    </div>
  );
  return { found, bar };
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
