/** One live session: the room, what is said in it, and how long everything took. */

import { Room, RoomEvent, Track } from "livekit-client";
import { call } from "./api/client";

/** What the avatar tells over the room. */
interface Told {
  type: string;
  task_id?: string;
  message?: string;
  /** Milliseconds of every stage that happened, until this utterance was heard. */
  latency_ms?: Partial<Record<Stage, number>>;
}

export type Stage = "hearing" | "thinking" | "speaking" | "lips" | "way";

export interface Line {
  id: string;
  who: "you" | "avatar";
  text: string;
  /** Milliseconds until this answer was heard; null where nobody had asked. */
  after: number | null;
  /** Whether it was broken off. */
  cut: boolean;
}

/** Milliseconds of one turn and of its stages, in their order. */
export interface Turn {
  whole: number;
  stages: [Stage, number][];
}

const STAGES: Stage[] = ["hearing", "thinking", "speaking", "lips"];

export interface Watcher {
  line: (line: Line) => void;
  turn: (turn: Turn) => void;
  talking: (you: boolean, avatar: boolean) => void;
  over: () => void;
}

interface Made {
  session_id: string;
  url: string;
  access_token: string;
}

const post = <T>(what: string, body: object) =>
  call<{ data: T }>("POST", `/v1/streaming.${what}`, body).then((answer) => answer.data);

export class LiveSession {
  private readonly room = new Room({ adaptiveStream: false, dynacast: false });
  private readonly lines = new Map<string, Line>();
  private readonly beat: ReturnType<typeof setInterval>;
  private asked = 0;
  private speaks = { you: false, avatar: false };
  private silenced = false;
  private closed = false;

  private constructor(
    private readonly id: string,
    private readonly watcher: Watcher,
  ) {
    this.beat = setInterval(() => void post("keep_alive", { session_id: id }).catch(() => {}), 30_000);
  }

  /** Make a session, enter its room, and wait until the avatar is there. */
  static async open(
    avatar: string,
    voice: string,
    video: HTMLVideoElement,
    audio: HTMLAudioElement,
    watcher: Watcher,
  ): Promise<LiveSession> {
    const made = await post<Made>("new", { avatar_id: avatar, voice: { voice_id: voice }, version: "v2", quality: "medium" });
    const session = new LiveSession(made.session_id, watcher);
    try {
      const { room } = session;
      room.on(RoomEvent.TrackSubscribed, (track) => track.attach(track.kind === Track.Kind.Video ? video : audio));
      room.on(RoomEvent.DataReceived, (data) => session.hear(data));
      room.on(RoomEvent.Disconnected, () => session.gone());
      await room.connect(made.url, made.access_token);
      await post("start", { session_id: made.session_id });
      await room.startAudio();
      return session;
    } catch (problem) {
      await session.close();
      throw problem;
    }
  }

  /** Let the avatar answer a text. */
  async ask(text: string): Promise<void> {
    this.add(crypto.randomUUID(), "you", text);
    this.asked = performance.now();
    await post("task", { session_id: this.id, text, task_type: "talk" });
  }

  /** Silence it. */
  interrupt(): Promise<unknown> {
    this.silenced = true;
    return post("interrupt", { session_id: this.id });
  }

  /** Open or shut the microphone. */
  async microphone(on: boolean): Promise<void> {
    await this.room.localParticipant.setMicrophoneEnabled(on);
    await post(on ? "start_listening" : "stop_listening", { session_id: this.id });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.beat);
    await post("stop", { session_id: this.id }).catch(() => {});
    await this.room.disconnect();
  }

  private gone(): void {
    clearInterval(this.beat);
    if (!this.closed) this.watcher.over();
  }

  private hear(data: Uint8Array): void {
    let told: Told;
    try {
      told = JSON.parse(new TextDecoder().decode(data)) as Told;
    } catch {
      return; // Other clients may say other things in a room.
    }
    const name = told.task_id ?? "";
    switch (told.type) {
      case "user_start":
        this.asked = 0;
        this.talk({ you: true });
        break;
      case "user_stop":
        this.talk({ you: false });
        break;
      case "user_talking_message":
        this.add(`you-${name}`, "you", told.message ?? "");
        break;
      case "avatar_start_talking":
        this.silenced = false;
        this.talk({ avatar: true });
        this.add(name, "avatar", "", this.timed(told.latency_ms ?? {}));
        break;
      case "avatar_talking_message":
        this.add(name, "avatar", told.message ?? "");
        break;
      case "avatar_stop_talking":
        if (this.silenced || this.speaks.you) this.add(name, "avatar", "", { cut: true });
        this.talk({ avatar: false });
        break;
    }
  }

  private talk(change: Partial<typeof this.speaks>): void {
    this.speaks = { ...this.speaks, ...change };
    this.watcher.talking(this.speaks.you, this.speaks.avatar);
  }

  /** How long the answer that is heard from now on took, where somebody had asked. */
  private timed(took: NonNullable<Told["latency_ms"]>): Partial<Line> {
    if (took.thinking === undefined) return {};
    const stages = STAGES.flatMap((stage): Turn["stages"] => {
      const milliseconds = took[stage];
      return milliseconds === undefined ? [] : [[stage, milliseconds]];
    });
    const there = stages.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
    // Nobody but this browser knows when a text was sent; what remains was spent on the way.
    const whole = this.asked ? Math.max(there, performance.now() - this.asked) : there;
    if (this.asked) stages.push(["way", whole - there]);
    this.asked = 0;
    this.watcher.turn({ whole, stages });
    return { after: whole };
  }

  private add(id: string, who: Line["who"], text: string, more: Partial<Line> = {}): void {
    const old = this.lines.get(id) ?? { id, who, text: "", after: null, cut: false };
    const line = { ...old, ...more, text: old.text + text };
    this.lines.set(id, line);
    if (line.text) this.watcher.line(line);
  }
}
