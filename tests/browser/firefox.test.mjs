// Firefox as Debian ships it: no WebGPU, so the fallback draws through WebGL 2 and the processor runs the networks.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { launch } from './firefox.mjs';
import { data, ffprobe, photo, reach, setStage } from './stand.mjs';

let server;
let firefox;
let folder;
let page;
const trouble = [];
before(async () => {
  server = await serve(resolve(import.meta.dirname, '../../dist'));
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  firefox = await launch({ downloads: folder });
  const context = await firefox.browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(120_000);
  page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`page: ${error.message}`));
  page.on('response', (response) => response.status() >= 400 && trouble.push(`${response.status()}: ${response.url()}`));
  page.on('request', (request) => !/^(blob|data):/.test(request.url()) && !request.url().startsWith(server.url) && trouble.push(`foreign: ${request.url()}`));
  await page.goto(`${server.url}?size=128&fps=5&seed=7`);
});
after(async () => {
  await firefox?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the page opens on the fallback, and says so', async () => {
  await reach(page, 'ready');
  assert.equal(await page.getByTestId('backend').getAttribute('data-backend'), 'fallback');
  assert.match(await page.getByTestId('backend').innerText(), /no WebGPU/);
});

test('a portrait sings, and its picture changes', async () => {
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  const seen = new Set([await picture()]);
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  for (let i = 0; i < 20 && seen.size < 4; i++) seen.add(await picture());
  assert.ok(seen.size >= 4, `${seen.size} different pictures`);
  await page.waitForFunction(() => document.querySelector('#captions span') !== null);
  await page.waitForFunction(() => document.querySelector('[data-testid=status]').dataset.state === 'ready'); // the song ends by itself
  assert.match(await page.locator('#clock').innerText(), /^(\d:\d\d) \/ \1$/);
});

for (const [format, codec] of [['mp4', 'h264'], ['webm', 'vp9']]) {
  test(`it writes ${format} with pictures and sound`, async () => {
    await page.getByTestId('export-format').selectOption(format);
    await page.getByTestId('export').click();
    await reach(page, 'done');
    await page.getByTestId('download').click();
    const path = await downloaded(format);
    const { video, audio } = await ffprobe(path);
    assert.equal(video.codec_name, codec);
    assert.equal(audio.codec_name, 'opus');
    assert.ok(Number(video.nb_read_frames) > 20, `${video.nb_read_frames} frames`);
  });
}

test('a file that is no picture gets its sentence', async () => {
  await page.getByTestId('portrait-input').setInputFiles({ name: 'bad.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture at all') });
  await reach(page, 'error');
  assert.match(await page.locator('#error-text').innerText(), /not a picture/);
  await page.locator('#dismiss').click();
  await reach(page, 'ready', 'done');
});

test('after that it works without the host', async () => {
  await page.locator('[data-testid=offline][data-state=kept]').waitFor({ state: 'attached' });
  await server.close();
  await page.reload();
  await reach(page, 'ready');
  await page.getByTestId('portrait-sample').first().click();
  await page.getByTestId('portrait-item').waitFor();
  await reach(page, 'ready');
});

test('none of it reached the console as an error', () => assert.deepEqual(trouble, []));

/** The file that a click on the download link has left: this Playwright hears nothing of downloads. */
async function downloaded(format) {
  for (let tries = 0; tries < 100; tries++) {
    const names = await readdir(folder);
    const name = names.find((name) => name.endsWith(`.${format}`));
    if (name && !names.some((name) => name.endsWith('.part'))) return join(folder, name);
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error(`no .${format} was saved`);
}

/** What the preview shows, as a short string. */
function picture() {
  return page.evaluate(() => {
    const pen = new OffscreenCanvas(32, 32).getContext('2d');
    pen.drawImage(document.getElementById('preview'), 0, 0, 32, 32);
    return pen.getImageData(0, 0, 32, 32).data.join();
  });
}
