// One caller with the unmodified HeyGen SDK: stands by, makes it repeat, interrupts, talks by voice.
// Reads one JSON object from standard input, writes one with what happened.
import { readFileSync } from 'node:fs';
import { launch, open } from './chromium.mjs';

const job = JSON.parse(readFileSync(0, 'utf8'));
const browser = await launch(job);
const result = { errors: [] };
try {
  const page = await open(browser, 'page.js', result.errors);
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
