/** The same video as a program would ask for it. */

import type { Video } from "./types";

export const LANGUAGES = ["curl", "Python", "JavaScript"] as const;
export type Language = (typeof LANGUAGES)[number];

function body(video: Video): Record<string, unknown> {
  const { settings } = video;
  const kept: Record<string, unknown> = {};
  const usual: Record<string, unknown> = {
    resolution: "720p",
    aspect: "landscape",
    layout: "full",
    format: "mp4",
    background: "",
    captions: false,
    caption_style: "classic",
    emotion: "neutral",
    speed: 1,
  };
  for (const [name, plain] of Object.entries(usual)) {
    const value = (settings as unknown as Record<string, unknown>)[name];
    if (value !== undefined && value !== plain) kept[name] = value;
  }
  if (settings.background_asset) kept.background_id = settings.background_asset;
  return {
    avatar_id: video.avatar_uuid,
    voice_id: video.voice_id,
    ...(settings.audio ? { audio_id: settings.audio } : { text: video.text }),
    settings: kept,
  };
}

const python = (value: unknown) =>
  JSON.stringify(value, null, 4)
    .replace(/: true/g, ": True")
    .replace(/: false/g, ": False")
    .replace(/\n/g, "\n    ");

/** A program that makes this video again; the key comes from the environment. */
export function program(language: Language, video: Video, base = location.origin): string {
  const asked = body(video);
  if (language === "curl") {
    const text = JSON.stringify(asked, null, 2).replace(/'/g, "'\\''");
    return `curl ${base}/api/videos \\\n  -H "x-api-key: $VISAVIS_API_KEY" \\\n  -H "content-type: application/json" \\\n  -d '${text}'`;
  }
  if (language === "Python") {
    return `import os
import time

import httpx

client = httpx.Client(
    base_url="${base}",
    headers={"x-api-key": os.environ["VISAVIS_API_KEY"]},
)
video = client.post(
    "/api/videos",
    json=${python(asked)},
).raise_for_status().json()

while video["status"] in ("pending", "processing"):
    time.sleep(1)
    video = client.get(f"/api/videos/{video['job_id']}").json()
print(video["video_url"])`;
  }
  return `const headers = {
  "x-api-key": process.env.VISAVIS_API_KEY,
  "content-type": "application/json",
};
let video = await fetch("${base}/api/videos", {
  method: "POST",
  headers,
  body: JSON.stringify(${JSON.stringify(asked, null, 2).replace(/\n/g, "\n  ")}),
}).then((answer) => answer.json());

while (["pending", "processing"].includes(video.status)) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  video = await fetch("${base}/api/videos/" + video.job_id, { headers }).then((answer) => answer.json());
}
console.log(video.video_url);`;
}
