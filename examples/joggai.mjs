// JoggAI's quick start with Node: list, create from a script, poll, download.
// Usage: VISAVIS_KEY=... node examples/joggai.mjs [video.mp4]
import { writeFile } from 'node:fs/promises';

const api = `${process.env.VISAVIS_URL ?? 'http://127.0.0.1:8400'}/v2`;
const headers = { 'x-api-key': process.env.VISAVIS_KEY, 'Content-Type': 'application/json' };

async function call(path, body) {
  const answer = await fetch(api + path, body && { method: 'POST', headers, body: JSON.stringify(body) } || { headers });
  const { code, msg, data } = await answer.json();
  if (code !== 0) throw new Error(`${code}: ${msg}`);
  return data;
}

const { avatars } = await call('/avatars/public?page_size=1');
const { voices } = await call('/voices?language=english');
const { video_id } = await call('/create_video_from_avatar', {
  avatar: { avatar_id: avatars[0].id, avatar_type: 0 },
  voice: { type: 'script', voice_id: voices[0].voice_id, script: 'Welcome to Visavis!' },
  aspect_ratio: 'landscape',
  screen_style: 1,
});
console.log('video', video_id);

let video;
do {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  video = await call(`/avatar_video/${video_id}`);
  if (video.status === 'failed') throw new Error(video.error_msg);
} while (video.status !== 'completed');
console.log('video_url', video.video_url);
console.log('cover_url', video.cover_url);
const out = process.argv[2] ?? 'joggai.mp4';
await writeFile(out, Buffer.from(await (await fetch(video.video_url)).arrayBuffer()));
console.log('video in', out);
