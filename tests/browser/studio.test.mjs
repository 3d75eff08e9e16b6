// The studio: several on stage, controls that show at once, the picture's shape, and every step back.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brightness, difference, seen, still } from './picture.mjs';
import { data, ffmpeg, ffprobe, film, photo, reach, setStage, stand } from './stand.mjs';

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

/** The page with every panel open. */
async function studio(query = SMALL, options) {
  const opened = await place.open(query, options);
  await reach(opened.page, 'ready');
  await opened.page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
  return opened;
}

const items = (page) => page.getByTestId('portrait-item');
const sample = (page, n) => page.getByTestId('portrait-sample').nth(n);

/** Waits until so many are on stage and nothing is being done. */
async function onStage(page, count) {
  await page.waitForFunction((n) => document.querySelectorAll('[data-testid=portrait-item]').length === n, count);
  await reach(page, 'ready');
}

/** Plays for a moment. @returns {Promise<object[]>} pictures seen meanwhile */
async function play(page, seconds = 2) {
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  const pictures = [];
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; ) {
    pictures.push(await seen(page));
    await page.waitForTimeout(150);
  }
  await page.getByTestId('play').click();
  await reach(page, 'ready');
  return pictures;
}

/** The moment `time`, standing still. */
async function at(page, time) {
  await page.getByTestId('seek').fill(String(time));
  return still(page);
}

const changes = (pictures, box) => Math.max(...pictures.slice(1).map((one, i) => difference(one, pictures[i], box)));
const LEFT = { x: 0, y: 0, width: 0.5, height: 0.85 };
const RIGHT = { x: 0.5, y: 0, width: 0.5, height: 0.85 };

test('from a cold page to a bundled portrait that sings: two clicks', async () => {
  const { page, trouble, context } = await place.open(SMALL);
  let clicks = 0;
  await page.exposeFunction('clicked', () => clicks++);
  await page.evaluate(() => addEventListener('click', () => globalThis.clicked(), true));
  await sample(page, 0).click();
  await onStage(page, 1);
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  assert.equal(clicks, 2);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('from a photo to the file: at most four clicks', async () => {
  const { page, context } = await place.open('?size=96&fps=5&seed=7');
  await reach(page, 'ready');
  let clicks = 0;
  await page.exposeFunction('clicked', () => clicks++);
  await page.evaluate(() => addEventListener('click', ({ isTrusted }) => isTrusted && globalThis.clicked(), true));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('portrait-input').click()]);
  await chooser.setFiles(await photo());
  await onStage(page, 1);
  await film(page, join(folder, 'clicks.mp4'));
  const { video } = await ffprobe(join(folder, 'clicks.mp4'));
  assert.equal(video.codec_name, 'h264');
  assert.ok(clicks + 1 <= 4, `${clicks} clicks and one in the system's window`);
  await context.close();
});

test('two together: both sing, in every arrangement; layouts, order, removing, one again', async () => {
  const { page, trouble, context } = await studio();
  await page.getByTestId('chorus').check();
  await sample(page, 0).click();
  await sample(page, 1).click(); // while the first is still being read
  await onStage(page, 2);
  await page.locator('[data-clip=frere-jacques]').check();
  await page.waitForFunction(() => /Jacques/.test(document.getElementById('lyrics').value));
  await reach(page, 'ready');
  assert.equal(await page.getByTestId('portrait-cell').count(), 2);

  for (const arrangement of ['unison', 'parts', 'turns']) {
    await page.getByTestId('arrangement').selectOption(arrangement);
    await page.waitForTimeout(300);
    await reach(page, 'ready');
    const early = await at(page, 1.6);
    const later = [await at(page, 2.1), await at(page, 6), await at(page, 6.5), await at(page, 12)];
    for (const [side, box] of [['left', LEFT], ['right', RIGHT]]) {
      assert.ok(changes([early, ...later], box) > 0.3, `${arrangement}: the ${side} one stands still`);
    }
  }
  const pictures = await play(page, 3);
  for (const box of [LEFT, RIGHT]) assert.ok(changes(pictures, box) > 0.1, 'somebody stands still while it plays');
  await page.getByTestId('portrait-cell').nth(1).waitFor(); // the buttons are back after playing

  const layouts = {};
  for (const layout of ['grid', 'row', 'spotlight']) {
    await page.getByTestId('layout').selectOption(layout);
    await reach(page, 'ready');
    layouts[layout] = await at(page, 2.2);
  }
  assert.ok(difference(layouts.grid, layouts.spotlight) > 1, 'the light changes nothing');
  // In turns the first sings first: the second is in the dark.
  assert.ok(brightness(layouts.spotlight, LEFT) > brightness(layouts.grid, LEFT) - 8);
  assert.ok(brightness(layouts.spotlight, RIGHT) < brightness(layouts.grid, RIGHT) - 8, 'who is silent is not dimmed');

  await page.getByTestId('layout').selectOption('grid');
  const order = await at(page, 0);
  await page.getByTestId('portrait-earlier').first().click();
  await reach(page, 'ready');
  const swapped = await still(page);
  assert.ok(difference(order, swapped, LEFT) > 5, 'moving changes nothing');
  const names = await items(page).locator('strong').allInnerTexts();
  await page.getByTestId('portrait-choose').nth(1).click();
  await page.getByTestId('chorus').uncheck();
  await onStage(page, 1);
  assert.deepEqual(await items(page).locator('strong').allInnerTexts(), [names[1]], 'who was chosen stays');
  await page.getByTestId('undo').click();
  await onStage(page, 2);
  await page.getByTestId('portrait-remove').first().click();
  await onStage(page, 1);
  assert.deepEqual(await items(page).locator('strong').allInnerTexts(), [names[1]]);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('nine at once, one of them twice; the tenth is refused and nobody goes', async () => {
  const { page, trouble, context } = await studio();
  const photos = await Promise.all([0, 1, 2, 3].map((n) => photo(n)));
  await page.getByTestId('chorus').check();
  await page.getByTestId('portrait-input').setInputFiles([photos[0], photos[0], photos[1], photos[2]]);
  await onStage(page, 4);
  await page.getByTestId('portrait-input').setInputFiles([...photos, photos[0], photos[1]]);
  await reach(page, 'error');
  assert.match(await page.locator('#error-text').innerText(), /^There is room for 9 portraits: remove one first\.$/);
  assert.equal(await items(page).count(), 9);
  await page.locator('#dismiss').click();
  const pictures = [await at(page, 1), await at(page, 1.7), await at(page, 2.9)];
  for (let k = 0; k < 9; k++) {
    const box = { x: (k % 3) / 3, y: Math.floor(k / 3) / 3, width: 0.33, height: 0.33 };
    assert.ok(changes(pictures, box) > 0.1, `number ${k + 1} stands still`);
  }
  await sample(page, 0).click();
  await reach(page, 'error');
  assert.equal(await items(page).count(), 9);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('several files in one choice: a bad one among them is named, the others stay', async () => {
  const { page, context } = await studio();
  await page.getByTestId('chorus').check();
  await page.getByTestId('portrait-input').setInputFiles([
    await photo(0), { name: 'bad.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('This is no picture. '.repeat(30)) }, await photo(1),
  ]);
  await reach(page, 'error');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=portrait-item]').length === 2);
  assert.match(await page.locator('#error-text').innerText(), /not a picture.*choose/i);
  await context.close();
});

test('all faces of a photo sing where they are', async () => {
  const { page, trouble, context } = await studio();
  const [a, b] = await Promise.all([photo(0), photo(1)]);
  await writeFile(join(folder, 'a.jpg'), a.buffer);
  await writeFile(join(folder, 'b.jpg'), b.buffer);
  const two = join(folder, 'two.png');
  await ffmpeg('-y', '-i', join(folder, 'a.jpg'), '-i', join(folder, 'b.jpg'), '-filter_complex', '[0]scale=400:500[a];[1]scale=400:500[b];[a][b]hstack', two);
  await setStage(page, { portrait: two, score: data('la-la.musicxml') });
  await page.getByTestId('portrait-everybody').click();
  await onStage(page, 2);
  assert.equal(await page.getByTestId('layout').inputValue(), 'group');
  const { width, height } = await seen(page);
  assert.ok(Math.abs(width / height - 1.6) < 0.02, `${width} x ${height} is not the photo's shape`);
  const pictures = [await at(page, 0), await at(page, 0.8), await at(page, 1.3), await at(page, 2)];
  for (const box of [LEFT, RIGHT]) assert.ok(changes(pictures, box) > 0.2, 'a face of the group stands still');
  assert.deepEqual(trouble, []);
  await context.close();
});
