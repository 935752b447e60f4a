/** Become an avatar: a photo and a voice, or a clip. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { AvatarDetails, Profile, Voice } from "../api/types";
import { freshAvatars, offer, openCatalogue, voices } from "../catalogue";
import { change, plain } from "../draft";
import { go } from "../router";
import { Choice } from "../ui/fields";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { VoicePicker } from "../ui/pickers";
import { type Chosen, isUsable, SourceField } from "../ui/source";
import { Failed } from "../ui/states";
import { complain } from "../ui/toast";

function Alike({ of }: { of: NonNullable<Profile["voice_similarity"]> }) {
  return (
    <p class="muted small">
      The voice is {of.after.toFixed(2)} like the recording, where the nearest stock voice is {of.before.toFixed(2)} and the
      recording itself {of.itself.toFixed(2)} from half to half.
    </p>
  );
}

function Ready({ profile }: { profile: Profile }) {
  const [text, setText] = useState(`Hello, I am ${profile.name}. It is a little strange to hear myself say this.`);
  const [details, setDetails] = useState<AvatarDetails | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    api.avatar(profile.id).then(setDetails, complain);
    freshAvatars().catch(() => {});
  }, []);

  async function speak(event: Event): Promise<void> {
    event.preventDefault();
    if (!details) return;
    setBusy(true);
    try {
      const made = await api.createVideo({
        avatar_id: details.id,
        voice_id: details.voice_id ?? "",
        text,
        settings: { ...plain, aspect: "auto" },
      });
      go(`/videos/${made.job_id}`);
    } catch (problem) {
      complain(problem);
      setBusy(false);
    }
  }

  return (
    <section class="born" aria-label={`${profile.name} is ready`}>
      {profile.image_preview_url && <img src={profile.image_preview_url} alt={profile.name} />}
      <form class="stack" onSubmit={(event) => void speak(event)}>
        <h2>{profile.name} is ready. Say something!</h2>
        {profile.voice_similarity && <Alike of={profile.voice_similarity} />}
        {profile.warnings.map((warning) => (
          <p class="muted small" key={warning.check}>
            {warning.message} {warning.remedy}
          </p>
        ))}
        <label class="field">
          <span class="sr">What is said</span>
          <textarea class="script card" rows={3} required value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <div class="hero-actions">
          <button type="submit" class="button primary large" disabled={busy || !details}>
            {busy ? <span class="spinner" /> : <Icon name="play" />}
            Say it
          </button>
          <button
            type="button"
            class="button large quiet"
            onClick={() => {
              if (details) change({ avatar: details.id, voice: "" });
              go("/create");
            }}
          >
            Open in the editor
          </button>
        </div>
      </form>
    </section>
  );
}

function Making({ profile, again }: { profile: Profile; again: () => void }) {
  const [now, setNow] = useState(profile);
  useEffect(() => {
    if (now.status === "ready" || now.status === "failed") return;
    const timer = setTimeout(() => {
      api.profile(now.id).then(setNow, () => setNow({ ...now }));
    }, 1000);
    return () => clearTimeout(timer);
  }, [now]);
  if (now.status === "ready") return <Ready profile={now} />;
  if (now.status === "failed") {
    return (
      <div class="stack">
        <Failed error={new Error(now.status_message ?? "This did not work.")} />
        <button type="button" class="button" onClick={again}>
          Try with something else
        </button>
      </div>
    );
  }
  return (
    <div class="watch-screen making">
      <div class="ring-box">
        <svg class="ring endless" viewBox="0 0 120 120" aria-hidden="true">
          <circle cx="60" cy="60" r="54" />
          <circle cx="60" cy="60" r="54" class="ring-done" pathLength={100} style={{ strokeDashoffset: "72" }} />
        </svg>
        <div class="ring-words" role="status">
          <strong>{now.status === "pending" ? "Waiting for its turn" : `Making ${now.name}`}</strong>
          <span>You may leave; it goes on.</span>
        </div>
      </div>
    </div>
  );
}

const WAYS = [
  { value: "photo", label: "A photo and a voice" },
  { value: "clip", label: "A clip of you talking" },
];

const SPEAKERS = [
  { value: "own", label: "Their own, from the clip" },
  { value: "stock", label: "Another voice" },
];

/** Whose voice a clip speaks with: a silent or noisy one has none to give. */
function SpeakerField({ voice, set }: { voice: Voice | null; set: (voice: Voice | null) => void }) {
  const [picking, setPicking] = useState(false);
  return (
    <div class="stack">
      <Choice
        label="Voice"
        value={voice ? "stock" : "own"}
        options={SPEAKERS}
        set={(value) => (value === "stock" ? setPicking(true) : set(null))}
      />
      {voice && (
        <button type="button" class="button" onClick={() => setPicking(true)}>
          {voice.name} speaks
        </button>
      )}
      {picking && (
        <VoicePicker
          voices={voices.value ?? []}
          value={voice?.id ?? ""}
          close={() => setPicking(false)}
          pick={(one) => {
            set(one);
            setPicking(false);
          }}
        />
      )}
    </div>
  );
}

function Form({ span, done }: { span: [number, number]; done: (profile: Profile) => void }) {
  const [way, setWay] = useState("photo");
  const [image, setImage] = useState<Chosen | null>(null);
  const [audio, setAudio] = useState<Chosen | null>(null);
  const [video, setVideo] = useState<Chosen | null>(null);
  const [voice, setVoice] = useState<Voice | null>(null);
  const [name, setName] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const whole = way === "photo" ? isUsable(image) && isUsable(audio) : isUsable(video);
  const speaker = way === "clip" ? voice : null;
  const statement = `${name.trim() || "The person"} agreed to be made into an avatar that speaks with ${speaker ? "another" : "their"} voice.`;

  async function make(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setWrong("");
    const sources: Record<string, string> =
      way === "photo"
        ? { image_id: image!.asset.id, audio_id: audio!.asset.id }
        : { video_id: video!.asset.id };
    try {
      const consent = `${statement} Confirmed in the studio.`;
      done(await api.createAvatar(name.trim(), sources, consent, speaker?.id ?? ""));
    } catch (problem) {
      setWrong((problem as Error).message);
      setBusy(false);
    }
  }

  return (
    <form class="steps" onSubmit={(event) => void make(event)}>
      <Choice label="Made from" hidden value={way} options={WAYS} set={setWay} />
      {way === "photo" ? (
        <>
          <section class="step card" aria-labelledby="step-photo">
            <h2 id="step-photo">The face</h2>
            <SourceField kind="image" span={span} chosen={image} set={setImage} />
          </section>
          <section class="step card" aria-labelledby="step-voice">
            <h2 id="step-voice">The voice</h2>
            <SourceField kind="audio" span={span} chosen={audio} set={setAudio} />
          </section>
        </>
      ) : (
        <section class="step card" aria-labelledby="step-clip">
          <h2 id="step-clip">Face and voice</h2>
          <SourceField kind="video" span={span} chosen={video} set={setVideo} />
          <SpeakerField voice={voice} set={setVoice} />
        </section>
      )}
      <section class="step card" aria-labelledby="step-name">
        <h2 id="step-name">Name and consent</h2>
        <div class="stack">
          <label class="field">
            <span class="label">Name</span>
            <input required maxLength={200} value={name} placeholder="Ana" onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <label class="tick consent">
            <input type="checkbox" required checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
            <span>
              {statement}
              <small class="muted">
                This statement is kept with the avatar. Every video says inside its file that it is synthetic.
              </small>
            </span>
          </label>
        </div>
      </section>
      {wrong && <Failed error={new Error(wrong)} />}
      <button type="submit" class="button primary large" disabled={!whole || !agreed || !name.trim() || busy}>
        {busy ? <span class="spinner" /> : <Icon name="spark" />}
        Make the avatar
      </button>
    </form>
  );
}

export function NewAvatar() {
  const opened = useLoad(openCatalogue);
  const [profile, setProfile] = useState<Profile | null>(null);
  useEffect(() => {
    document.title = "New avatar · Visavis";
  }, []);
  return (
    <div class="page narrow">
      <header class="page-head">
        <h1>Become an avatar</h1>
      </header>
      {profile ? (
        <Making profile={profile} again={() => setProfile(null)} />
      ) : offer.value ? (
        <Form span={offer.value.source_seconds} done={setProfile} />
      ) : opened.error ? (
        <Failed error={opened.error} again={opened.reload} />
      ) : (
        <div class="skeleton tall" role="status" aria-label="Loading" />
      )}
    </div>
  );
}
