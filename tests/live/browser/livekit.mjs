// One caller with livekit-client alone: sees, writes, speaks. JSON in, JSON out, as heygen.mjs.
import { readFileSync } from 'node:fs';
import { launch, open } from './chromium.mjs';

const job = JSON.parse(readFileSync(0, 'utf8'));
const browser = await launch(job);
const result = { errors: [] };
try {
  const page = await open(browser, 'plain.js', result.errors);
  const until = (what, ...args) => page.waitForFunction(what, args, { timeout: 90000 });
  result.version = await page.evaluate(([u, t]) => window.enter(u, t), [job.url, job.room_token]);
  await until(() => window.frames() > 10);
  await page.evaluate(() => window.say('When does it open on Sunday?'));
  await until(() => window.saw('avatar_talking_message', "ten o'clock"));
  await until(() => window.saw('avatar_stop_talking'));
  await page.evaluate(() => window.speak());
  await until(() => window.saw('user_start'));
  await until(() => window.saw('user_talking_message', 'library'));
  await page.screenshot({ path: job.shot });
  result.frames = await page.evaluate(() => window.frames());
  result.events = await page.evaluate(() => window.events);
  await page.evaluate(() => window.room.disconnect());
} catch (error) {
  result.failed = String(error);
  result.events = [];
}
await browser.close();
process.stdout.write(JSON.stringify(result));
process.exit(0);
