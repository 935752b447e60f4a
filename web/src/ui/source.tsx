/** One file that an avatar is made of: uploaded or recorded, then shown and checked. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Asset, Check } from "../api/types";
import { clock } from "../format";
import { Camera } from "./camera";
import { Choice } from "./fields";
import { Icon, type IconName } from "./icons";
import { Recorder } from "./recorder";
import { complain } from "./toast";

export type Kind = "image" | "video" | "audio";

const ACCEPTS: Record<Kind, string> = {
  image: "image/jpeg,image/png,image/webp",
  video: "video/mp4,video/webm,video/quicktime,video/x-matroska",
  audio: "audio/*",
};
const WORDS: Record<Kind, [IconName, string, string]> = {
  image: ["image", "Choose a photo", "One face that looks into the camera, in even light. Paintings work too."],
  video: ["film", "Choose a clip", "4 to 15 seconds of you talking, one shot, face in view."],
  audio: ["voice", "Choose a sound file", "4 to 15 seconds of the voice, without music."],
};

const TITLES: Record<string, [good: string, name: string]> = {
  one_face: ["One face found", "One face"],
  orientation: ["The right way up", "Upright"],
  size: ["Large enough", "Size of the face"],
  framing: ["Nothing cut off", "Framing"],
  pose: ["Looks into the camera", "Direction"],
  exposure: ["Good light", "Light"],
  sharpness: ["Sharp", "Sharpness"],
  mouth: ["Lips and eyes are clear", "Lips and eyes"],
  length: ["The right length", "Length"],
  sound: ["Has sound", "Sound"],
};
const MARKS: Record<Check["state"], IconName> = { good: "check", poor: "warn", bad: "cross", unknown: "more" };

/** What was looked at, one after the other. */
export function Checks({ rows }: { rows: Check[] }) {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    if (shown >= rows.length) return;
    const timer = setTimeout(() => setShown(shown + 1), 140);
    return () => clearTimeout(timer);
  }, [shown, rows.length]);
  return (
    <ul class="check-list" aria-live="polite">
      {rows.slice(0, shown).map((row) => (
        <li key={row.check} class={row.state}>
          <span class="check-mark">
            <Icon name={MARKS[row.state]} size={16} />
          </span>
          <div>
            <strong>
              {TITLES[row.check]?.[row.state === "good" ? 0 : 1] ?? row.check}
              {row.state === "unknown" && <span class="sr"> was not looked at</span>}
            </strong>
            {row.message && (
              <p>
                {row.message} {row.remedy}
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function lengthCheck(asset: Asset, span: [number, number]): Check {
  const length = asset.meta.duration ?? 0;
  const good = length >= span[0] - 0.05 && length <= span[1] + 0.05;
  return {
    check: "length",
    state: good ? "good" : "bad",
    message: good ? "" : `It lasts ${length.toFixed(1)} s.`,
    remedy: good ? "" : `It must last ${span[0]} to ${span[1]} s.`,
  };
}

export interface Chosen {
  asset: Asset;
  picture: string;
  checks: Check[];
}

/** Whether an avatar can be made of it. */
export const isUsable = (chosen: Chosen | null) => chosen !== null && !chosen.checks.some((row) => row.state === "bad");

export function SourceField({
  kind,
  span,
  chosen,
  set,
}: {
  kind: Kind;
  span: [number, number];
  chosen: Chosen | null;
  set: (chosen: Chosen | null) => void;
}) {
  const [way, setWay] = useState("upload");
  const [share, setShare] = useState<number | null>(null);
  const [checking, setChecking] = useState(false);
  const [over, setOver] = useState(false);
  const [icon, title, hint] = WORDS[kind];

  async function take(file: Blob, name: string): Promise<void> {
    setShare(0);
    try {
      const asset = await api.uploadAsset(file, name, setShare);
      const rows = kind === "image" ? [] : [lengthCheck(asset, span)];
      setShare(null);
      const picture = URL.createObjectURL(file);
      if (kind !== "audio") {
        setChecking(true);
        const found = await api.checks(kind === "image" ? { image_id: asset.id } : { video_id: asset.id });
        rows.push(...found.checks);
      }
      set({ asset, picture, checks: rows });
    } catch (problem) {
      complain(problem);
    } finally {
      setShare(null);
      setChecking(false);
    }
  }

  if (chosen) {
    return (
      <div class="chosen">
        <div class={`chosen-view ${kind}`}>
          {kind === "image" && <img src={chosen.picture} alt="The photo you chose" />}
          {kind === "video" && <video src={chosen.picture} controls playsInline aria-label="The clip you chose" />}
          {kind === "audio" && (
            <>
              <Icon name="voice" size={26} />
              <audio src={chosen.picture} controls aria-label="The voice you chose" />
              <span class="muted">{clock(chosen.asset.meta.duration ?? 0)}</span>
            </>
          )}
          <button type="button" class="button small" onClick={() => set(null)}>
            Use another
          </button>
        </div>
        <Checks rows={chosen.checks} />
      </div>
    );
  }
  if (share !== null || checking) {
    return (
      <div class="drop still" role="status">
        <span class="spinner" />
        {checking ? "Looking closely…" : "Uploading…"}
        {share !== null && <progress value={share} max={1} aria-label="Uploading" />}
      </div>
    );
  }
  return (
    <div class="stack">
      <Choice
        label="Where it comes from"
        hidden
        value={way}
        set={setWay}
        options={[
          { value: "upload", label: "Upload" },
          { value: "record", label: kind === "audio" ? "Record" : "Camera" },
        ]}
      />
      {way === "record" && kind === "audio" && (
        <Recorder least={span[0]} limit={span[1] - 0.3} done={(sound) => void take(sound, "voice")} />
      )}
      {way === "record" && kind !== "audio" && (
        <Camera mode={kind === "image" ? "photo" : "clip"} span={span} done={(file, name) => void take(file, name)} />
      )}
      {way === "upload" && (
        <label
          class={over ? "drop over" : "drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            const file = event.dataTransfer?.files[0];
            if (file) void take(file, file.name);
          }}
        >
          <Icon name={icon} size={28} />
          <strong>{title}</strong>
          <small class="muted">{hint}</small>
          <input
            type="file"
            class="sr"
            accept={ACCEPTS[kind]}
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) void take(file, file.name);
            }}
          />
        </label>
      )}
    </div>
  );
}
