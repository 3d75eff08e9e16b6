// Firefox as Debian ships it: no WebGPU, so the fallback draws through WebGL 2 and the processor runs the networks.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { launch } from './firefox.mjs';
import { data, photo, reach, setStage } from './stand.mjs';

let server;
let firefox;
let page;
const trouble = [];
before(async () => {
  server = await serve(resolve(import.meta.dirname, '../../dist'));
  firefox = await launch();
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

for (const [format, names] of [['mp4', 'H.264 and Opus'], ['webm', 'VP9 and Opus']]) {
  test(`it writes ${format} with pictures and sound, and plays it`, async () => {
    await page.getByTestId('export-format').selectOption(format);
    await page.getByTestId('export').click();
    await reach(page, 'done');
    assert.match(await page.locator('#result-text').innerText(), new RegExp(names));
    assert.match(await page.getByTestId('download').getAttribute('download'), new RegExp(`\\.${format}$`));
    // Looked at where it was made: this Playwright hears nothing of Firefox's downloads.
    const film = await page.locator('#result-video').evaluate(async (video) => {
      if (video.readyState < 2) await new Promise((done, fail) => Object.assign(video, { onloadeddata: done, onerror: () => fail(video.error) }));
      return { width: video.videoWidth, height: video.videoHeight, seconds: video.duration, sound: video.mozHasAudio };
    });
    assert.equal(Math.max(film.width, film.height), 128);
    assert.ok(Math.abs(film.seconds - Number(await page.getByTestId('seek').getAttribute('max'))) < 0.4, `${film.seconds} s`);
    assert.ok(film.sound, 'it is not silent');
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

/** What the preview shows, as a short string. */
function picture() {
  return page.evaluate(() => {
    const pen = new OffscreenCanvas(32, 32).getContext('2d');
    pen.drawImage(document.getElementById('preview'), 0, 0, 32, 32);
    return pen.getImageData(0, 0, 32, 32).data.join();
  });
}
