/** Finding somebody among many: avatars and voices, by words and by kind. */

import { useMemo, useState } from "preact/hooks";
import type { Avatar, Voice } from "../api/types";
import { tongue } from "../catalogue";
import { words } from "../format";
import { Choice, Select } from "./fields";
import { Icon } from "./icons";

const SCOPES = [
  { value: "all", label: "Everyone" },
  { value: "public", label: "Presenters" },
  { value: "private", label: "Yours" },
];
const WOMEN_AND_MEN = [
  { value: "", label: "Anyone" },
  { value: "female", label: "Women" },
  { value: "male", label: "Men" },
];
const HIGH_AND_LOW = [
  { value: "", label: "Anyone" },
  { value: "female", label: "Female" },
  { value: "male", label: "Male" },
];

/** Cards that are shown before more are asked for. */
const PAGE = 36;

function Search({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  return (
    <label class="search">
      <span class="sr">{label}</span>
      <Icon name="search" size={18} />
      <input type="search" placeholder="Search" value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

/** Whether every word of a search is somewhere in a text. */
const has = (text: string, search: string) => {
  const plain = text.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => plain.includes(word));
};

/** Avatars by name, whose they are, gender and setting, a page at a time. */
export function useAvatarFilter(people: Avatar[], narrow = false) {
  const [scope, setScope] = useState("all");
  const [gender, setGender] = useState("");
  const [setting, setSetting] = useState("");
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(PAGE);
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setMost(PAGE);
  };
  const genders = new Set(people.flatMap((one) => one.gender ?? []));
  const settings = [...new Set(people.flatMap((one) => one.occupation ?? []))].sort();
  const found = people.filter(
    (one) =>
      (scope === "all" || one.scope === scope) &&
      (!gender || one.gender === gender) &&
      (!setting || one.occupation === setting) &&
      has(`${one.name} ${words(one.occupation ?? "")}`, search),
  );
  const bar = (
    <div class="filters" role="search" aria-label="Avatars">
      <Search label="Search avatars" value={search} set={change(setSearch)} />
      {!narrow && <Choice label="Whose" hidden value={scope} options={SCOPES} set={change(setScope)} />}
      {genders.size > 1 && (
        <Choice label="Gender" hidden value={gender} options={WOMEN_AND_MEN} set={change(setGender)} />
      )}
      {settings.length > 1 && (
        <Select
          label="Setting"
          hidden
          value={setting}
          set={change(setSetting)}
          options={[
            { value: "", label: "Every setting" },
            ...settings.map((value) => ({ value, label: words(value) })),
          ]}
        />
      )}
    </div>
  );
  const more = found.length > most && (
    <button type="button" class="button more-button" onClick={() => setMost(most + PAGE)}>
      Show more
    </button>
  );
  return { found, shown: found.slice(0, most), bar, more, scope };
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
      has(`${voice.name} ${tongue(voice)} ${voice.id}`, search),
  );
  const bar = (
    <div class="filters" role="search" aria-label="Voices">
      <Search label="Search voices" value={search} set={setSearch} />
      <Select
        label="Language"
        hidden
        value={language}
        set={setLanguage}
        options={[{ value: "", label: "Every language" }, ...languages.map(([value, label]) => ({ value, label }))]}
      />
      <Select label="Gender" hidden value={gender} set={setGender} options={HIGH_AND_LOW} />
    </div>
  );
  return { found, bar };
}
