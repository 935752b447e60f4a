/** How the video looks: who, voice, shape, background, and the rest. */

import { useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Avatar, Offer, Voice } from "../api/types";
import { tongue } from "../catalogue";
import { change, draft, restyle } from "../draft";
import { words } from "../format";
import { Portrait } from "./avatar-card";
import { Choice, Range, Select, Switch } from "./fields";
import { Icon } from "./icons";
import { AvatarPicker, PlaySample, VoicePicker } from "./pickers";
import { complain } from "./toast";

const ASPECTS: Record<string, [string, number, number]> = {
  landscape: ["Wide", 18, 10],
  square: ["Square", 13, 13],
  "4:5": ["4:5", 11, 14],
  portrait: ["Tall", 9, 16],
};
const LAYOUTS: Record<string, string> = { full: "Full", split: "Split", pip: "Corner" };
const SWATCHES = ["#ffffff", "#e9e4da", "#cfe0e4", "#1f3a44", "#22201d"];

/** `recorded` where nobody is chosen to be heard, because a recording is. */
export function Who({ avatars, voices, avatar, voice, recorded }: {
  recorded?: boolean;
  avatars: Avatar[];
  voices: Voice[];
  avatar: Avatar | undefined;
  voice: Voice | undefined;
}) {
  const [picking, setPicking] = useState<"" | "avatar" | "voice">("");
  return (
    <div class="who">
      <button type="button" class="who-part" onClick={() => setPicking("avatar")}>
        {avatar && <Portrait avatar={avatar} live={false} />}
        <span>
          <small class="muted">Avatar</small>
          <strong>{avatar?.name ?? "Choose"}</strong>
        </span>
        <Icon name="chevron" size={18} />
      </button>
      {recorded ? (
        <p class="who-part">
          <span class="play-sample">
            <Icon name="voice" size={18} />
          </span>
          <span>
            <small class="muted">Voice</small>
            <strong>As recorded</strong>
          </span>
        </p>
      ) : (
        <div class="who-part">
          {voice && <PlaySample voice={voice} />}
          <button type="button" class="who-inner" onClick={() => setPicking("voice")}>
            <span>
              <small class="muted">Voice</small>
              <strong>{voice?.name ?? "Choose"}</strong>
              {voice && <small class="muted who-more"> {tongue(voice)}</small>}
            </span>
            <Icon name="chevron" size={18} />
          </button>
        </div>
      )}
      {picking === "avatar" && (
        <AvatarPicker
          avatars={avatars}
          value={avatar?.id ?? ""}
          close={() => setPicking("")}
          pick={(one) => {
            change({ avatar: one.id, voice: "" });
            setPicking("");
          }}
        />
      )}
      {picking === "voice" && (
        <VoicePicker
          voices={voices}
          value={voice?.id ?? ""}
          close={() => setPicking("")}
          pick={(one) => {
            change({ voice: one.id });
            setPicking("");
          }}
        />
      )}
    </div>
  );
}

function Backgrounds({ offer }: { offer: Offer }) {
  const [share, setShare] = useState<number | null>(null);
  const { background, background_id } = draft.value.look;
  const rooms = offer.backgrounds.filter((name) => name === "blur" || name in offer.background_links);
  const set = (name: string) => restyle({ background: name, background_id: "" });
  const own = background.startsWith("#") && !SWATCHES.includes(background);

  async function take(file: File): Promise<void> {
    setShare(0);
    try {
      const asset = await api.uploadAsset(file, file.name, setShare);
      restyle({ background: "", background_id: asset.id });
    } catch (problem) {
      complain(problem);
    } finally {
      setShare(null);
    }
  }

  return (
    <fieldset class="choice">
      <legend>Background</legend>
      <div class="rooms">
        {["", ...rooms].map((name) => (
          <label key={name} class="room">
            <input
              type="radio"
              name="background"
              checked={background === name && !background_id}
              onChange={() => set(name)}
            />
            <span class={name && name !== "blur" ? "room-picture" : "room-picture plain"}>
              {name && name !== "blur" && (
                <img src={offer.background_links[name]} alt="" loading="lazy" onError={(event) => event.currentTarget.remove()} />
              )}
            </span>
            <span class="room-name">{name ? words(name) : "As it is"}</span>
          </label>
        ))}
      </div>
      <div class="swatches">
        {SWATCHES.map((colour) => (
          <label key={colour} class="swatch" style={{ "--colour": colour }}>
            <input
              type="radio"
              name="background"
              aria-label={`Colour ${colour}`}
              checked={background === colour}
              onChange={() => set(colour)}
            />
            <span />
          </label>
        ))}
        <label class={own ? "swatch any on" : "swatch any"} style={own ? { "--colour": background } : {}}>
          <input
            type="color"
            aria-label="Any colour"
            value={own ? background : "#7a9e9f"}
            onChange={(event) => set(event.currentTarget.value)}
          />
          <span />
        </label>
        <label class={background_id ? "button small here" : "button small"}>
          <Icon name={background_id ? "check" : "image"} size={16} />
          {share !== null ? `${Math.round(share * 100)} %` : background_id ? "Your picture" : "Upload"}
          <input
            type="file"
            class="sr"
            accept="image/jpeg,image/png,image/webp,video/mp4,video/webm"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) void take(file);
            }}
          />
        </label>
      </div>
    </fieldset>
  );
}

export function LookPanel({ offer }: { offer: Offer }) {
  const { look, audio } = draft.value;
  const captions = offer.features.includes("captions");
  return (
    <div class="look">
      <Choice
        label="Shape"
        value={look.aspect}
        set={(aspect) => restyle({ aspect })}
        options={Object.entries(ASPECTS)
          .filter(([name]) => offer.aspects.includes(name))
          .map(([value, [label, width, height]]) => ({
            value,
            label,
            mark: <i class="shape-mark" style={{ width: `${width}px`, height: `${height}px` }} />,
          }))}
      />
      <Backgrounds offer={offer} />
      {offer.layouts.length > 1 && (
        <Choice
          label="Layout"
          value={look.layout}
          set={(layout) => {
            const needs = layout !== "full" && !look.background_id && ["", "blur"].includes(look.background);
            restyle(needs ? { layout, background: "office" } : { layout });
          }}
          options={offer.layouts.map((value) => ({ value, label: LAYOUTS[value] ?? words(value) }))}
        />
      )}
      {captions && (
        <Switch
          label="Captions"
          hint="The words appear as they are said"
          value={look.captions}
          set={(captions) => restyle({ captions })}
        />
      )}
      {captions && look.captions && offer.caption_styles.length > 1 && (
        <Choice
          label="Caption style"
          value={look.caption_style}
          set={(caption_style) => restyle({ caption_style })}
          options={offer.caption_styles.map((value) => ({
            value,
            label: words(value),
            mark: <i class={`caption-mark ${value}`}>Aa</i>,
          }))}
        />
      )}
      <details class="more">
        <summary>
          More settings <Icon name="chevron" size={16} />
        </summary>
        <div class="stack">
          {!audio && (
            <Range
              label="Speed"
              value={look.speed}
              min={0.5}
              max={2}
              step={0.05}
              shown={`${look.speed.toFixed(2)}×`}
              set={(speed) => restyle({ speed })}
            />
          )}
          <div class="pair">
            <Select
              label="Quality"
              value={look.resolution}
              set={(resolution) => restyle({ resolution })}
              options={offer.resolutions.map((value) => ({ value, label: value }))}
            />
            <Select
              label="File"
              value={look.format}
              set={(format) => restyle({ format })}
              options={offer.formats.map((value) => ({ value, label: value }))}
            />
          </div>
          <label class="field">
            <span class="label">Title</span>
            <input
              maxLength={300}
              placeholder="For your list of videos"
              value={draft.value.title}
              onInput={(event) => change({ title: event.currentTarget.value })}
            />
          </label>
        </div>
      </details>
    </div>
  );
}
