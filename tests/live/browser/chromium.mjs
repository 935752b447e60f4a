// Chromium as the tests of calls want it: no network but our own, a microphone that plays a file.
import { buildSync } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));

export const launch = (job) => chromium.launch({
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

export const open = async (browser, entry, errors) => {
  const bundle = { entryPoints: [join(here, entry)], bundle: true, write: false, format: 'iife' };
  const script = buildSync(bundle).outputFiles[0].text;
  const context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['microphone'] });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.route('https://avatar.test/', (route) => route.fulfill({
    contentType: 'text/html',
    body: `<!doctype html><video autoplay playsinline style="width:100%"></video><script>${script}</script>`,
  }));
  await page.goto('https://avatar.test/');
  return page;
};
