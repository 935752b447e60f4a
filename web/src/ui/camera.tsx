/** The webcam: a photo, or a clip with countdown, framing guide and a 4 to 15 second meter. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { deviceProblem } from "./recorder";

const CLIPS = ["video/mp4;codecs=avc1.42E01F,mp4a.40.2", "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus"];

export function Camera({
  mode,
  span,
  done,
}: {
  mode: "photo" | "clip";
  span: [number, number];
  done: (file: Blob, name: string) => void;
}) {
  const view = useRef<HTMLVideoElement>(null);
  const stream = useRef<MediaStream | null>(null);
  const recorder = useRef<MediaRecorder | null>(null);
  const [ready, setReady] = useState(false);
  const [error, setError] = useState("");
  const [count, setCount] = useState(0);
  const [time, setTime] = useState<number | null>(null);
  const [least, most] = span;

  useEffect(() => {
    let wanted = true;
    setError("");
    const asked = navigator.mediaDevices
      ? navigator.mediaDevices.getUserMedia({
          video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: "user" },
          audio: mode === "clip",
        })
      : Promise.reject(new Error());
    asked.then(
      (found) => {
        if (!wanted) {
          found.getTracks().forEach((track) => track.stop());
          return;
        }
        stream.current = found;
        if (view.current) view.current.srcObject = found;
        setReady(true);
      },
      (problem: unknown) => wanted && setError(deviceProblem(problem)),
    );
    return () => {
      wanted = false;
      if (recorder.current?.state === "recording") {
        recorder.current.onstop = null;
        recorder.current.stop();
      }
      stream.current?.getTracks().forEach((track) => track.stop());
    };
  }, [mode]);

  useEffect(() => {
    if (!count) return;
    const timer = setTimeout(() => {
      if (count > 1) setCount(count - 1);
      else {
        setCount(0);
        if (mode === "photo") shoot();
        else record();
      }
    }, 900);
    return () => clearTimeout(timer);
  }, [count]);

  useEffect(() => {
    if (time === null) return;
    const began = performance.now();
    const timer = setInterval(() => {
      const now = (performance.now() - began) / 1000;
      setTime(now);
      if (now >= most - 0.3) recorder.current?.stop();
    }, 100);
    return () => clearInterval(timer);
  }, [time === null]);

  function shoot(): void {
    const video = view.current;
    if (!video) return;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    canvas.toBlob((picture) => picture && done(picture, "photo.jpg"), "image/jpeg", 0.95);
  }

  function record(): void {
    if (!stream.current) return;
    const mimeType = CLIPS.find((type) => MediaRecorder.isTypeSupported(type));
    const made = new MediaRecorder(stream.current, { ...(mimeType ? { mimeType } : {}), videoBitsPerSecond: 6_000_000 });
    const parts: Blob[] = [];
    made.ondataavailable = (event) => parts.push(event.data);
    made.onstop = () => {
      setTime(null);
      const type = made.mimeType.split(";")[0]!;
      done(new Blob(parts, { type }), type === "video/mp4" ? "clip.mp4" : "clip.webm");
    };
    recorder.current = made;
    made.start();
    setTime(0);
  }

  if (error) {
    return (
      <div class="failed" role="alert">
        <Icon name="camera" />
        <p>{error}</p>
      </div>
    );
  }
  const enough = time !== null && time >= least;
  return (
    <div class="camera">
      <div class="camera-view">
        <video ref={view} autoPlay muted playsInline aria-label="Your camera" />
        <svg class="guide" viewBox="0 0 160 90" aria-hidden="true">
          <path fill-rule="evenodd" d="M0 0h160v90H0zM80 12c-13 0-21 10-21 27s9 30 21 30 21-13 21-30S93 12 80 12z" />
        </svg>
        {count > 0 && (
          <span class="countdown" role="status">
            {count}
          </span>
        )}
      </div>
      {time !== null && (
        <div class="span-meter" role="meter" aria-label="Seconds recorded" aria-valuemin={0} aria-valuemax={most} aria-valuenow={Math.round(time)}>
          <i style={{ width: `${(time / most) * 100}%` }} class={enough ? "enough" : ""} />
          <b style={{ left: `${(least / most) * 100}%` }} />
          <span>{enough ? `${time.toFixed(0)} s. Stop whenever you like.` : `${time.toFixed(0)} s, at least ${least} s`}</span>
        </div>
      )}
      {time === null ? (
        <button type="button" class="button primary large" disabled={!ready || count > 0} onClick={() => setCount(3)}>
          <Icon name="camera" />
          {mode === "photo" ? "Take the photo" : "Start recording"}
        </button>
      ) : (
        <button type="button" class="button primary large" disabled={!enough} onClick={() => recorder.current?.stop()}>
          <Icon name="stop" />
          Stop
        </button>
      )}
      <p class="muted small">
        {mode === "photo"
          ? "Fill the outline, look into the lens, keep your lips together."
          : "Fill the outline, look into the lens, and talk about anything. Keep your hands away from your face."}
      </p>
    </div>
  );
}
