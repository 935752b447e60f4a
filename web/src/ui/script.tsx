/** The words: written, uploaded, or spoken into the microphone. */

import { useRef, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Offer } from "../api/types";
import { change, draft } from "../draft";
import { clock, seconds, spoken, words } from "../format";
import { Dialog } from "./dialog";
import { Choice } from "./fields";
import { Icon } from "./icons";
import { Recorder } from "./recorder";
import { complain } from "./toast";

const MOODS: Record<string, string> = {
  neutral: "Neutral",
  friendly: "Friendly",
  excited: "Excited",
  serious: "Serious",
  soothing: "Calm",
  broadcaster: "Newsreader",
};

function Pronounce({ word, close, done }: { word: string; close: () => void; done: (markup: string) => void }) {
  const [said, setSaid] = useState(word);
  const [sound, setSound] = useState("");
  const bare = sound.trim().replace(/^\/|\/$/g, "");
  return (
    <Dialog title="Say a word another way" close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          done(`[${said.trim()}](/${bare}/)`);
        }}
      >
        <label class="field">
          <span class="label">Word</span>
          <input required value={said} onInput={(event) => setSaid(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span class="label">Sound, in the phonetic alphabet</span>
          <input required value={sound} placeholder="ˈviːzəviː" onInput={(event) => setSound(event.currentTarget.value)} />
        </label>
        <p class="muted small">Dictionaries show it between slashes. Simply writing the word as it sounds works too.</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Put it in
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Writing({ offer }: { offer: Offer }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [pronounce, setPronounce] = useState<string | null>(null);
  const { text, look } = draft.value;
  const length = spoken(text, offer.letters_per_second, look.speed);
  const over = text.length > offer.max_text;

  function insert(markup: string): void {
    const field = area.current;
    const [from, to] = field ? [field.selectionStart, field.selectionEnd] : [text.length, text.length];
    change({ text: text.slice(0, from) + markup + text.slice(to) });
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(from + markup.length, from + markup.length);
    });
  }

  return (
    <>
      <label class="sr" for="script">
        What is said
      </label>
      <textarea
        id="script"
        ref={area}
        class="script"
        rows={8}
        value={text}
        placeholder="Write what should be said…"
        aria-describedby="script-facts"
        aria-invalid={over}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <div class="script-bar">
        <button type="button" class="button small" onClick={() => insert(' <break time="0.6s"/> ')}>
          <Icon name="clock" size={16} />
          Pause
        </button>
        <button
          type="button"
          class="button small"
          onClick={() => {
            const field = area.current;
            setPronounce(field ? text.slice(field.selectionStart, field.selectionEnd).trim() : "");
          }}
        >
          <Icon name="voice" size={16} />
          Pronounce
        </button>
        <p id="script-facts" class={over ? "bad-text facts" : "muted facts"}>
          {text.trim() ? `about ${seconds(length)} · ` : ""}
          {text.length.toLocaleString("en")}
          {over || text.length > offer.max_text * 0.8 ? ` of ${offer.max_text.toLocaleString("en")}` : ""} characters
        </p>
      </div>
      {pronounce !== null && (
        <Pronounce
          word={pronounce}
          close={() => setPronounce(null)}
          done={(markup) => {
            setPronounce(null);
            insert(markup);
          }}
        />
      )}
    </>
  );
}

function Sound({ mode }: { mode: "upload" | "record" }) {
  const [share, setShare] = useState<number | null>(null);
  const audio = draft.value.audio;

  async function take(file: Blob, name: string): Promise<void> {
    setShare(0);
    try {
      const asset = await api.uploadAsset(file, name, setShare);
      change({ audio: { id: asset.id, name, seconds: asset.meta.duration ?? 0 } });
    } catch (problem) {
      complain(problem);
    } finally {
      setShare(null);
    }
  }

  if (audio) {
    return (
      <div class="sound-chosen">
        <Icon name="voice" size={26} />
        <p>
          <strong>{audio.name}</strong>
          <small class="muted">{clock(audio.seconds)}</small>
        </p>
        <button type="button" class="button small" onClick={() => change({ audio: null })}>
          Use another
        </button>
      </div>
    );
  }
  if (share !== null) {
    return (
      <div class="sound-chosen">
        <p>Uploading…</p>
        <progress value={share} max={1} aria-label="Uploading" />
      </div>
    );
  }
  if (mode === "record") return <Recorder done={(sound) => void take(sound, "My recording")} />;
  return (
    <label class="drop">
      <Icon name="upload" size={26} />
      <strong>Choose a sound file</strong>
      <small class="muted">mp3, wav, m4a, ogg or flac. The lips follow what is heard.</small>
      <input
        type="file"
        class="sr"
        accept="audio/*"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void take(file, file.name);
        }}
      />
    </label>
  );
}

export function Script({ offer }: { offer: Offer }) {
  const sounds = offer.features.includes("audio");
  const [mode, setMode] = useState<"write" | "upload" | "record">(draft.value.audio ? "upload" : "write");
  const modes = [
    { value: "write", label: "Write" },
    { value: "upload", label: "Upload a sound" },
    { value: "record", label: "Record" },
  ];
  return (
    <section class="card script-card" aria-label="Script">
      {sounds && (
        <Choice
          label="Where the words come from"
          hidden
          value={mode}
          options={modes}
          set={(value) => {
            setMode(value as typeof mode);
            if (value === "write") change({ audio: null });
          }}
        />
      )}
      {mode === "write" || !sounds ? <Writing offer={offer} /> : <Sound mode={mode} />}
      <Choice
        label="Mood"
        value={draft.value.look.emotion}
        options={offer.emotions.map((value) => ({ value, label: MOODS[value] ?? words(value) }))}
        set={(emotion) => change({ look: { ...draft.value.look, emotion } })}
      />
    </section>
  );
}
