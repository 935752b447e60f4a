// One caller with the unmodified HeyGen SDK: stands by, makes it repeat, interrupts, talks by voice.
// Reads one JSON object from standard input, writes one with what happened.
import { buildSync } from 'esbuild';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const job = JSON.parse(readFileSync(0, 'utf8'));
const script = buildSync({ entryPoints: [join(here, 'page.js')], bundle: true, write: false, format: 'iife' }).outputFiles[0].text;

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-audio-capture=${job.wav}%noloop`,
    '--autoplay-policy=no-user-gesture-required', '--ignore-certificate-errors',
    '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,LocalNetworkAccessChecksWebRTC',
    `--host-resolver-rules=MAP avatar.test:443 127.0.0.1:${job.port}`,
  ],
});
const result = { errors: [] };
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['microphone'] });
  const page = await context.newPage();
  page.on('pageerror', (error) => result.errors.push(error.message));
  await page.route('https://avatar.test/', (route) => route.fulfill({
    contentType: 'text/html',
    body: `<!doctype html><video autoplay playsinline style="width:100%"></video><script>${script}</script>`,
  }));
  await page.goto('https://avatar.test/');
  await page.evaluate((text) => { window.knowledge = text; }, job.knowledge);
  const wait = (name, from) => page.evaluate(([n, f]) => window.seen(n, f), [name, from]);
  const clock = () => page.evaluate(() => window.clock());

  const begun = await clock();
  result.session = await page.evaluate(([b, t, m]) => window.open_avatar(b, t, m), ['https://avatar.test', job.token, job.transport]);
  result.ready_ms = (await wait('stream_ready', 0)).at - begun;
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0);
  result.first_frame_ms = (await clock()) - begun;

  let from = await clock();
  await page.evaluate(() => window.avatar.speak({ text: 'Hello! I repeat what I am told to repeat.', task_type: 'repeat', taskType: 'repeat' }));
  result.repeat_start_ms = (await wait('avatar_start_talking', from)).at - from;
  await page.waitForTimeout(600);
  await page.screenshot({ path: job.shot });
  await wait('avatar_stop_talking', from);

  from = await clock();
  await page.evaluate(() => window.avatar.speak({ text: 'This is a very long sentence that nobody will hear to its end, because somebody interrupts it before it is over, which is what people do.', task_type: 'repeat', taskType: 'repeat' }));
  await wait('avatar_start_talking', from);
  await page.waitForTimeout(700);
  from = await clock();
  await page.evaluate(() => window.avatar.interrupt());
  result.interrupt_ms = (await wait('avatar_stop_talking', from)).at - from;

  from = await clock();
  await page.evaluate(() => window.avatar.startVoiceChat({ isInputAudioMuted: false }));
  await wait('user_start', from);
  result.heard = (await wait('user_talking_message', from)).message;
  result.answer = (await wait('avatar_talking_message', from)).message;
  await wait('avatar_stop_talking', from);
  result.received = await page.evaluate(() => window.received());
  result.size = await page.evaluate(() => { const v = document.querySelector('video'); return [v.videoWidth, v.videoHeight]; });
  await page.evaluate(() => window.avatar.keepAlive());
  from = await clock();
  await page.evaluate(() => window.avatar.stopAvatar());
  await wait('stream_disconnected', from);
  result.events = await page.evaluate(() => window.events);
} catch (error) {
  result.failed = String(error);
}
await browser.close();
process.stdout.write(JSON.stringify(result));
process.exit(0);
