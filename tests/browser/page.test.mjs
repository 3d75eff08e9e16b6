// The page itself: what it says, how it is reached, what it does when something breaks under it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fetched, together } from './first_load.mjs';
import { data, photo, QUICK, reach, setStage, stand } from './stand.mjs';

let place;
before(async () => (place = await stand()));
after(() => place?.close());

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function accessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`), []);
}

test('a bundled portrait sings after two clicks', async () => {
  const { page, trouble, context } = await place.open();
  await reach(page, 'ready');
  assert.equal(await page.getByTestId('portrait-sample').count(), 4);
  assert.ok((await page.getByTestId('clip-choice').count()) >= 3);
  await page.getByTestId('portrait-sample').first().click();
  await page.getByTestId('portrait-item').waitFor();
  await reach(page, 'ready');
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  await page.waitForFunction(() => document.querySelector('#captions span') !== null);
  assert.deepEqual(trouble, []);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`no accessibility violation, empty and with someone on stage (${colorScheme})`, async () => {
    const { page, context } = await place.open(QUICK, { colorScheme, reducedMotion: 'reduce' });
    await reach(page, 'ready');
    await accessible(page);
    await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
    await accessible(page);
    await page.getByTestId('portrait-input').setInputFiles({ name: 'bad.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no') });
    await reach(page, 'error');
    await accessible(page);
    await context.close();
  });
}

test('on a phone nothing scrolls sideways and targets are large enough', async () => {
  const { page, context } = await place.open(QUICK, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide at ${width}`);
  }
  for (const id of ['play', 'seek', 'export', 'export-format']) {
    const { height } = await page.getByTestId(id).boundingBox();
    assert.ok(height >= 40, `${id} is only ${height} px high`);
  }
  await context.close();
});

test('the keyboard alone reaches and plays a song', async () => {
  const { page, context } = await place.open();
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  const seen = new Set();
  await page.evaluate(() => document.activeElement?.blur());
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    const id = await page.evaluate(() => document.activeElement.dataset.testid ?? '');
    const outlined = await page.evaluate(() => {
      const style = (element) => element && getComputedStyle(element).outlineStyle !== 'none';
      const element = document.activeElement;
      return style(element) || style(element.nextElementSibling) || style(element.closest('label'));
    });
    if (id) {
      assert.ok(outlined, `focus on ${id} is seen`);
      seen.add(id);
    }
  }
  for (const id of ['play', 'seek', 'portrait-sample', 'portrait-input', 'portrait-remove', 'clip-choice', 'driver-input', 'lyrics', 'export-format', 'export']) {
    assert.ok(seen.has(id), `Tab reaches ${id}`);
  }
  await page.getByTestId('play').focus();
  await page.keyboard.press('Enter');
  await reach(page, 'playing');
  await page.keyboard.press('Enter');
  await reach(page, 'ready');
  await page.getByTestId('seek').focus();
  const before_ = Number(await page.getByTestId('seek').inputValue());
  await page.keyboard.press('End');
  assert.ok(Number(await page.getByTestId('seek').inputValue()) > before_);
  await context.close();
});

test('retyped words are sung and shown', async () => {
  const { page, trouble, context } = await place.open();
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await page.getByTestId('lyrics').fill('moon sun star sea wind');
  await page.waitForFunction(() => /moon/.test(document.getElementById('captions').innerText));
  await reach(page, 'ready');
  await page.locator('#lyrics-reset').click();
  await reach(page, 'ready');
  await page.waitForFunction(() => /la/.test(document.getElementById('captions').innerText));
  assert.deepEqual(trouble, []);
  await context.close();
});

test('when the worker breaks, the page says so and goes on with the same portrait and song', async () => {
  const { page, context } = await place.open();
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  const lyrics = await page.getByTestId('lyrics').inputValue();
  await page.workers()[0].evaluate(() => void setTimeout(() => { throw new Error('a panic, for the test'); }));
  await reach(page, 'error');
  assert.match(await page.locator('#error-text').innerText(), /Start again/);
  await page.getByRole('button', { name: 'Start again' }).click();
  await reach(page, 'ready');
  assert.ok(await page.getByTestId('play').isEnabled());
  assert.equal(await page.getByTestId('lyrics').inputValue(), lyrics);
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  await context.close();
});

test('with neither WebGPU nor WebGL one sentence names browsers that have them', async () => {
  const without = await stand({ graphics: 'none' });
  const { page } = await without.open();
  await reach(page, 'error');
  assert.match(await page.getByTestId('error').innerText(), /WebGPU.*Chrome.*Safari.*Firefox/s);
  await without.close();
});

test('the video writer is not fetched before the first video', async () => {
  const { page, requests, context } = await place.open();
  await reach(page, 'ready');
  assert.ok(requests.some((path) => /portraoke_bg\.wasm$/.test(path)), 'the worker’s requests are seen');
  assert.ok(!requests.some((path) => /mediabunny/.test(path)), 'the video writer waits');
  await context.close();
});

test('the first load is at most 3 MB, and the networks of a portrait come with the first portrait', async () => {
  const { page, requests, context } = await place.open(`${QUICK}&backend=webgpu`);
  await reach(page, 'ready');
  const first = fetched(requests);
  const bytes = together(first);
  assert.ok(bytes <= 3e6, `${(bytes / 1e6).toFixed(2)} MB with brotli`);
  assert.ok(first.some((path) => path.endsWith('face_landmarks.plan')), first.join(' '));
  assert.ok(!first.some((path) => /person_matte|refiner\.plan|\.onnx|pkg-fallback|vendor\/.*js$/.test(path)), first.join(' '));
  await page.getByTestId('portrait-sample').first().click();
  await page.getByTestId('portrait-item').waitFor();
  assert.ok(requests.some((path) => path.endsWith('person_matte.plan')), 'the matte comes now');
  await context.close();
});
