// Mosaic with Node: upload sources, create an avatar of a person, let it speak, download the video.
// Usage: VISAVIS_KEY=... node examples/mosaic.mjs image face.jpg voice.wav [video.mp4]
//        VISAVIS_KEY=... node examples/mosaic.mjs video clip.mp4 [video.mp4]
// VISAVIS_VOICE=en-US-heart lets a stock voice speak; then none is made of the sound.
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';

const api = process.env.VISAVIS_URL ?? 'http://127.0.0.1:8400';
const headers = { Authorization: `Bearer ${process.env.VISAVIS_KEY}`, 'Content-Type': 'application/json' };
const [from, ...files] = process.argv.slice(2);

async function call(path, body) {
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await fetch(api + path, { method, headers, body: body && JSON.stringify(body) });
  const data = await answer.json();
  if (!answer.ok) throw new Error(`${data.error}: ${data.detail}`);
  return data;
}

async function upload(kind, path) {
  const place = await call(`/uploads/${kind}/get_upload_url`, {});
  const form = new FormData();
  for (const [name, value] of Object.entries(place.upload_fields)) form.append(name, value);
  form.append('file', new Blob([await readFile(path)]), basename(path));
  const sent = await fetch(place.upload_url, { method: 'POST', body: form });
  if (!sent.ok) throw new Error(await sent.text());
  const id = { [`${kind}_id`]: place[`${kind}_id`] };
  return call(`/uploads/${kind}/finalize_upload`, id);
}

const kinds = { image: ['image', 'audio'], video: ['video'] }[from];
let sources = {};
for (const kind of kinds) sources = { ...sources, ...(await upload(kind, files.shift())) };
const voice = process.env.VISAVIS_VOICE ?? '';
const profile = await call('/avatar-profiles/create', { name: 'Ana', sources, voice });
console.log('avatar profile', profile.id, profile.status);

// The avatar may still be processing: the run waits for it.
const { run_id } = await call('/agent/example/run', {
  update_params: { tile: { avatar_profile_id: profile.id, script: 'Hello, this is my avatar.' } },
});
let run;
do {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  run = await call(`/agent_run/${run_id}`);
} while (run.status === 'running');
if (run.status !== 'completed') throw new Error(run.status_message);
const { video_url } = run.outputs[0];
console.log('video_url', video_url);
const out = files[0] ?? 'mosaic.mp4';
await writeFile(out, Buffer.from(await (await fetch(video_url)).arrayBuffer()));
console.log('video in', out);
