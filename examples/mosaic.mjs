// Mosaic with Node: upload an image and a sound, create an avatar, let it speak.
// Usage: VISAVIS_KEY=... node examples/mosaic.mjs face.jpg voice.wav
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const api = process.env.VISAVIS_URL ?? 'http://127.0.0.1:8400';
const headers = { Authorization: `Bearer ${process.env.VISAVIS_KEY}`, 'Content-Type': 'application/json' };
const [image, audio] = process.argv.slice(2);

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

const sources = { ...(await upload('image', image)), ...(await upload('audio', audio)) };
const profile = await call('/avatar-profiles/create', { name: 'Ana', sources });
console.log('avatar profile', profile.id, profile.status);

const { run_id } = await call('/agent/example/run', {
  update_params: { tile: { avatar_profile_id: profile.id, script: 'Hello, this is my avatar.' } },
});
let run;
do {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  run = await call(`/agent_run/${run_id}`);
} while (run.status === 'running');
if (run.status !== 'completed') throw new Error(run.status_message);
console.log('video_url', run.outputs[0].video_url);
