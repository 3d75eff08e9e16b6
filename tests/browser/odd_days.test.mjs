// What happens to people: an enormous photo, a phone that is turned while it plays, a tab that is left during an export.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { difference, seen } from './picture.mjs';
import { data, ffmpeg, photo, reach, setStage, stand } from './stand.mjs';

const SMALL = '?size=256&fps=15&seed=7';
let place;
let folder;
before(async () => {
  place = await stand();
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
});
after(async () => {
  await place?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a photo of forty megapixels takes the stage of a phone', async () => {
  const { page, trouble, context } = await place.open(SMALL, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await writeFile(join(folder, 'small.jpg'), (await photo()).buffer);
  const large = join(folder, 'large.jpg');
  await ffmpeg('-y', '-i', join(folder, 'small.jpg'), '-vf', 'scale=5660:7080', '-frames:v', '1', '-update', '1', large);
  await setStage(page, { portrait: large, score: data('la-la.musicxml') });
  const { width, height } = await seen(page);
  assert.ok(Math.abs(width / height - 0.8) < 0.02, `${width} x ${height}`);
  assert.ok(await page.getByTestId('play').isEnabled());
  assert.deepEqual(trouble, []);
  await context.close();
});

test('a phone turned while it plays goes on, and the picture fits', async () => {
  const { page, context } = await place.open(SMALL, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  const before = await seen(page);
  await page.setViewportSize({ width: 844, height: 390 });
  await page.waitForTimeout(600);
  assert.equal(await page.getByTestId('status').getAttribute('data-state'), 'playing');
  assert.ok(difference(before, await seen(page)) > 0.05, 'the picture stands still');
  const box = await page.getByTestId('preview').boundingBox();
  const frame = await page.locator('#frame').boundingBox();
  assert.ok(box.x >= frame.x - 1 && box.x + box.width <= frame.x + frame.width + 1, 'the picture is wider than its frame');
  assert.ok(box.height <= 390, `the picture is ${box.height} px high on a screen of 390`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
  await context.close();
});

test('a tab that is left during an export goes on with it', async () => {
  const { page, trouble, context } = await place.open(SMALL);
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await page.getByTestId('export').click();
  await page.waitForFunction(() => document.getElementById('export-progress').value > 0.05);
  // As the browser says it when another tab comes to the front: nothing is painted here any more.
  await page.evaluate(() => {
    globalThis.requestAnimationFrame = () => 0;
    Object.defineProperty(document, 'hidden', { value: true });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const front = await context.newPage();
  await front.goto('about:blank');
  await front.bringToFront();
  await page.waitForFunction(() => document.getElementById('status').dataset.state === 'done', null, { polling: 200 });
  assert.ok(await page.getByTestId('download').getAttribute('href'));
  assert.deepEqual(trouble, []);
  await context.close();
});
