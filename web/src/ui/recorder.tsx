/** The microphone, with a level that moves while it hears something. */

import { useEffect, useRef, useState } from "preact/hooks";
import { clock } from "../format";
import { Icon } from "./icons";

/** What a refused microphone or camera means, in words. */
export function deviceProblem(problem: unknown): string {
  const name = problem instanceof DOMException ? problem.name : "";
  if (!navigator.mediaDevices) return "Browsers allow recording only over https, or on this machine.";
  if (name === "NotAllowedError") return "The browser was told not to allow it. Allow it beside the address, then try again.";
  if (name === "NotFoundError") return "No such device was found.";
  return "The device cannot be used right now. Does another program use it?";
}

export function Recorder({
  done,
  limit = 600,
  least = 0,
}: {
  done: (sound: Blob) => void;
  limit?: number;
  least?: number;
}) {
  const [on, setOn] = useState(false);
  const [time, setTime] = useState(0);
  const [level, setLevel] = useState(0);
  const [error, setError] = useState("");
  const recorder = useRef<MediaRecorder | null>(null);
  const end = useRef<() => void>(() => {});

  useEffect(() => () => end.current(), []);

  async function start(): Promise<void> {
    setError("");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const made = new MediaRecorder(stream);
      const parts: Blob[] = [];
      const context = new AudioContext();
      const meter = context.createAnalyser();
      context.createMediaStreamSource(stream).connect(meter);
      const wave = new Float32Array(meter.fftSize);
      const began = performance.now();
      const timer = setInterval(() => {
        meter.getFloatTimeDomainData(wave);
        setLevel(Math.min(1, Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length) * 5));
        const now = (performance.now() - began) / 1000;
        setTime(now);
        if (now >= limit && made.state === "recording") made.stop();
      }, 80);
      let wanted = true;
      end.current = () => {
        wanted = false;
        if (made.state === "recording") made.stop();
      };
      made.ondataavailable = (event) => parts.push(event.data);
      made.onstop = () => {
        clearInterval(timer);
        stream.getTracks().forEach((track) => track.stop());
        void context.close();
        if (!wanted) return;
        setOn(false);
        done(new Blob(parts, { type: made.mimeType.split(";")[0]! }));
      };
      recorder.current = made;
      setTime(0);
      setOn(true);
      made.start();
    } catch (problem) {
      setError(deviceProblem(problem));
    }
  }

  return (
    <div class="recorder">
      <button
        type="button"
        class={on ? "record on" : "record"}
        style={{ "--level": String(level) }}
        aria-label={on ? "Stop recording" : "Record"}
        disabled={on && time < least}
        onClick={() => (on ? recorder.current?.stop() : void start())}
      >
        <Icon name={on ? "stop" : "mic"} size={28} />
      </button>
      <p role="timer" class="muted">
        {on ? clock(time) : "Press and speak"}
      </p>
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
