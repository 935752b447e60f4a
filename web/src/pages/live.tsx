/** Talk with an avatar. */

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api/calls";
import { ApiError } from "../api/client";
import { avatars, openCatalogue, usable, voices } from "../catalogue";
import { draft } from "../draft";
import { LiveSession, type Line, type Stage, type Turn } from "../live-session";
import { nameOf, Portrait } from "../ui/avatar-card";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Who } from "../ui/look";
import { deviceProblem } from "../ui/recorder";
import { Failed } from "../ui/states";
import { complain } from "../ui/toast";

type State = "ready" | "opening" | "on" | "over";

const SILENCE = { you: false, avatar: false };

const milliseconds = (value: number) => (value < 950 ? `${Math.round(value / 10) * 10} ms` : `${(value / 1000).toFixed(1)} s`);

const STAGES: Record<Stage, string> = {
  hearing: "Hearing",
  thinking: "Thinking",
  speaking: "Speaking",
  lips: "Lips",
  way: "On the way",
};

/** How long the last answer took, and where the time went. */
function Latency({ turn }: { turn: Turn }) {
  return (
    <section class="latency" aria-label="How fast the last answer was">
      <p>
        Answered after <strong>{milliseconds(turn.whole)}</strong>
      </p>
      <div class="latency-bar" aria-hidden="true">
        {turn.stages.map(([stage, took]) => (
          <i key={stage} class={stage} style={{ flexGrow: String(took) }} />
        ))}
      </div>
      <dl>
        {turn.stages.map(([stage, took]) => (
          <div key={stage} class={stage}>
            <dt>{STAGES[stage]}</dt>
            <dd>{milliseconds(took)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Live() {
  const opened = useLoad(openCatalogue);
  const [state, setState] = useState<State>("ready");
  const [error, setError] = useState<Error | null>(null);
  const [mic, setMic] = useState(false);
  const [talking, setTalking] = useState(SILENCE);
  const [lines, setLines] = useState<Line[]>([]);
  const [turn, setTurn] = useState<Turn | null>(null);
  const [text, setText] = useState("");
  const [own, setOwn] = useState("");
  const session = useRef<LiveSession | null>(null);
  const video = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const ready = usable(avatars.value ?? []);
  const now = draft.value;
  const avatar = ready.find((one) => one.id === now.avatar) ?? ready.find((one) => one.name === "Ava") ?? ready[0];
  const voice = voices.value?.find((one) => one.id === (now.voice || own || "en-US-heart"));

  useEffect(() => {
    document.title = "Live · Visavis";
    const leave = () => void session.current?.close();
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, []);
  useEffect(() => {
    if (!avatar) return;
    api.avatar(avatar.id).then(
      (details) => setOwn(details.voice_id ?? ""),
      () => {},
    );
  }, [avatar?.id]);
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight, behavior: "smooth" });
  }, [lines]);

  async function open(): Promise<void> {
    if (!avatar || !video.current || !audio.current) return;
    setState("opening");
    setError(null);
    setLines([]);
    setTurn(null);
    try {
      session.current = await LiveSession.open(avatar.id, voice?.id ?? "", video.current, audio.current, {
        line: (line) =>
          setLines((old) =>
            old.some((one) => one.id === line.id) ? old.map((one) => (one.id === line.id ? line : one)) : [...old, line],
          ),
        turn: setTurn,
        talking: (you, other) => setTalking({ you, avatar: other }),
        over: () => setState("over"),
      });
      setState("on");
    } catch (problem) {
      const missing = problem instanceof ApiError && [404, 405].includes(problem.status);
      setError(
        missing
          ? new Error("This installation has no live conversations. Install Visavis with its extra: visavis[live].")
          : (problem as Error),
      );
      setState("ready");
    }
  }

  async function close(): Promise<void> {
    const ending = session.current;
    session.current = null;
    setMic(false);
    setTalking(SILENCE);
    setState("ready");
    await ending?.close();
  }

  async function switchMic(): Promise<void> {
    try {
      await session.current?.microphone(!mic);
      setMic(!mic);
    } catch (problem) {
      complain(problem instanceof DOMException ? new Error(deviceProblem(problem)) : problem);
    }
  }

  function ask(event: Event): void {
    event.preventDefault();
    const said = text.trim();
    if (!said) return;
    setText("");
    session.current?.ask(said).catch(complain);
  }

  const on = state === "on";
  return (
    <div class="page live">
      <header class="page-head">
        <h1>{on && avatar ? `Talk with ${nameOf(avatar).first}` : "Face to face"}</h1>
      </header>
      {opened.error && <Failed error={opened.error} again={opened.reload} />}
      {error && <Failed error={error} />}
      {!avatars.value && !opened.error && <div class="skeleton screen" role="status" aria-label="Loading" />}
      <div class="live-room" hidden={!avatars.value}>
        <div class={talking.avatar ? "live-screen talking" : "live-screen"}>
          <video ref={video} class={on ? "shown" : ""} autoPlay playsInline muted aria-label={avatar ? `${avatar.name}, live` : "Live"} />
          <audio ref={audio} autoPlay />
          {!on && avatar && (
            <div class={state === "opening" ? "live-before opening" : "live-before"}>
              <Portrait avatar={avatar} live={false} />
              {state === "opening" ? (
                <p class="live-note" role="status">
                  <span class="spinner" /> {nameOf(avatar).first} is on the way
                </p>
              ) : (
                <button type="button" class="button primary large" onClick={() => void open()}>
                  <Icon name="live" />
                  {state === "over" ? "Start again" : "Start the conversation"}
                </button>
              )}
            </div>
          )}
          {on && (
            <div class="live-bar">
              <button
                type="button"
                class={mic ? "live-button on" : "live-button"}
                aria-pressed={mic}
                aria-label="Microphone"
                onClick={() => void switchMic()}
              >
                <Icon name="mic" />
              </button>
              <button
                type="button"
                class="live-button"
                aria-label="Interrupt"
                disabled={!talking.avatar}
                onClick={() => {
                  session.current?.interrupt().catch(complain);
                }}
              >
                <Icon name="pause" />
              </button>
              <button type="button" class="live-button end" aria-label="End the conversation" onClick={() => void close()}>
                <Icon name="cross" />
              </button>
            </div>
          )}
        </div>
        <aside class="live-side" aria-label="Conversation">
          {!on && avatars.value && voices.value && (
            <Who avatars={avatars.value} voices={voices.value} avatar={avatar} voice={voice} />
          )}
          <div class="transcript" ref={log} role="log" aria-label="Transcript" tabIndex={0}>
            {!lines.length && (
              <p class="muted nothing">
                {on
                  ? "Switch the microphone on and talk, or write below. Speak up any time to interrupt."
                  : state === "over"
                    ? "The conversation has ended."
                    : "Nothing is recorded. What is said appears here."}
              </p>
            )}
            {lines.map((line) => (
              <p key={line.id} class={line.cut ? `${line.who} cut` : line.who}>
                <span class="sr">{line.who === "you" ? "You" : avatar?.name}: </span>
                {line.text.trim()}
                {line.cut && " …"}
                {(line.cut || line.after !== null) && (
                  <small>{[line.after !== null && `after ${milliseconds(line.after)}`, line.cut && "interrupted"].filter(Boolean).join(", ")}</small>
                )}
              </p>
            ))}
          </div>
          {turn && <Latency turn={turn} />}
          {on && (
            <form class="live-form" onSubmit={ask}>
              <label class="sr" for="live-text">
                Write to {avatar?.name}
              </label>
              <input
                id="live-text"
                autocomplete="off"
                placeholder={talking.you ? "Listening…" : "Write something"}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
              <button type="submit" class="button primary" disabled={!text.trim()}>
                Send
              </button>
            </form>
          )}
        </aside>
      </div>
    </div>
  );
}
