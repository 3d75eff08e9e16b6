// Controls show what they do at once, in the picture that stands still; every step can be taken back; shapes and words
// on the picture are in the file too.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { difference, mirrored, seen, still } from './picture.mjs';
import { data, ffprobe, film, photo, reach, setStage, stand } from './stand.mjs';

let place;
let folder;
let page;
let trouble;
let mouth; // where it is, shares of the frame

before(async () => {
  place = await stand();
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  ({ page, trouble } = await place.open('?size=256&fps=15&seed=7'));
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await at(1.2);
  mouth = await box('mouth');
});
after(async () => {
  await place?.close();
  await rm(folder, { recursive: true, force: true });
});

const id = (name) => page.getByTestId(name);
const box = async (name) => JSON.parse(await id('preview').getAttribute(`data-${name}`));

/** The moment `time`, standing still. */
async function at(time) {
  await id('seek').fill(String(time));
  return still(page);
}

/** Takes the last step back, and waits for it. */
async function undo() {
  await id('undo').click();
  await page.waitForTimeout(300);
  await reach(page, 'ready');
  return still(page);
}

const set = {
  slider: (name, value) => id(name).fill(String(value)),
  choice: (name, value) => id(name).selectOption(value),
  switch: (name, value) => id(name).setChecked(value),
};

const CONTROLS = [
  ['slider', 'mouth-strength', 0],
  ['slider', 'mouth-strength', 2],
  ['switch', 'mouth-on', false],
  ['slider', 'head-strength', 2],
  ['slider', 'jaw-limit', 0.1],
  ['choice', 'gaze', 'left'],
  ['choice', 'teeth', 'hidden'],
  ['choice', 'fit', 'fit', '16:9'],
];

for (const [kind, name, value, shape] of CONTROLS) {
  test(`${name} ${value} is seen at once, and undone to the pixel`, async () => {
    if (shape) await page.locator(`input[name=shape][value="${shape}"]`).check();
    const before = await at(1.2);
    await set[kind](name, value);
    const now = await still(page);
    assert.ok(difference(before, now) > 0.005, `the picture is the same (${difference(before, now)})`);
    const back = await undo();
    assert.equal(difference(before, back), 0);
    await id('redo').click();
    assert.equal(difference(await still(page), now), 0, 'redo');
    await undo();
    if (shape) await undo();
  });
}

test('with the mouth at 0 it stays as in the photo', async () => {
  const moves = async () => {
    const [a, b, c] = [await at(0.6), await at(1.2), await at(1.8)];
    return Math.max(difference(a, b, mouth), difference(b, c, mouth));
  };
  const free = await moves();
  await id('mouth-strength').fill('0');
  await id('head-strength').fill('0');
  const bound = await moves();
  assert.ok(bound < free / 3, `the mouth moves by ${bound.toFixed(2)}, free by ${free.toFixed(2)}`);
  await undo();
  await undo();
});

test('as in a mirror: the picture is turned round, the label is not', async () => {
  const label = await box('label');
  const before = await at(1.2);
  await id('mirror').check();
  const now = await still(page);
  // Its plate lets a little of the picture through; its letters are white.
  const letters = (picture) => ({ ...picture, grey: picture.grey.map((v) => (v > 200 ? 255 : 0)) });
  assert.ok(difference(letters(before), letters(now), label) < 6, 'the label has changed');
  const face = { x: 0.2, y: 0.2, width: 0.6, height: 0.6 };
  assert.ok(difference(mirrored(before), now, face) < 3, 'it is no mirror picture');
  assert.ok(difference(before, now, face) > 3);
  assert.equal(difference(before, await undo()), 0);
});

test('twenty expressions to try, each another face; playing ends them', async () => {
  const keys = await id('expressions').locator('option').evaluateAll((all) => all.map(({ value }) => value).filter(Boolean));
  assert.equal(keys.length, 20);
  await at(0);
  const faces = [];
  for (const key of keys) {
    await id('expressions').selectOption(key);
    const face = await still(page);
    faces.forEach((other, i) => assert.ok(difference(face, other) > 0.01, `${key} looks like ${keys[i]}`));
    faces.push(face);
  }
  await id('play').click();
  await reach(page, 'playing');
  await id('play').click();
  await reach(page, 'ready');
  assert.equal(await id('expressions').inputValue(), '');
});

test('a point of the face is dragged with the mouse, moved with arrow keys, and goes back', async () => {
  await at(1.2);
  await id('points').check();
  const before = await still(page);
  const point = page.locator('[data-point="57"]'); // below the lower lip
  await point.waitFor();
  assert.ok((await id('face-point').count()) > 20);
  const height = () => point.evaluate((handle) => (parseFloat(handle.style.top) / 100) * handle.parentElement.clientHeight);
  const first = await height();
  const from = await point.boundingBox();
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 4, y + 14, { steps: 4 });
  await page.mouse.up();
  await id('points-reset').waitFor();
  await reach(page, 'ready');
  await still(page);
  const moved = await height();
  assert.ok(Math.abs(moved - first - 14) < 3, `the point is ${(moved - first).toFixed(1)} px lower, not 14`);
  await point.focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForTimeout(300);
  await reach(page, 'ready');
  await still(page);
  assert.ok((await height()) > moved, 'the arrow key moves nothing');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.point), '57', 'the focus stays on the point');
  // The face as it sings now differs from the one before.
  await id('points').uncheck();
  const sung = await at(1.2);
  await id('points-reset').click();
  await page.waitForTimeout(300);
  await reach(page, 'ready');
  const fresh = await at(1.2);
  assert.ok(difference(sung, fresh) > 0.01, 'the correction changes nothing in the picture');
  assert.ok(await id('points-reset').isHidden());
  await id('points').check();
  assert.equal(difference(await still(page), before), 0, 'back as it was found');
  await id('points').uncheck();
});

test('Ctrl+Z and back again: words, song, and somebody removed; three at once too', async () => {
  const before = await at(1.2);
  const words = await id('lyrics').inputValue();
  await id('lyrics').fill('do re mi fa so la');
  await page.waitForFunction(() => document.getElementById('lyrics-reset').hidden === false);
  await reach(page, 'ready');
  await id('lyrics').blur();
  await page.locator('[data-clip=auld-lang-syne]').check();
  await page.waitForFunction(() => /auld/i.test(document.getElementById('lyrics').value));
  await reach(page, 'ready');
  await id('portrait-remove').click();
  await page.waitForFunction(() => !document.querySelector('[data-testid=portrait-item]'));
  // As fast as somebody presses: each step starts when the one before is done.
  await page.locator('body').click({ position: { x: 2, y: 2 } });
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');
  await page.waitForFunction((text) => document.getElementById('lyrics').value === text, words);
  await page.waitForFunction(() => document.querySelector('[data-testid=portrait-item]'));
  await reach(page, 'ready');
  assert.equal(difference(before, await at(1.2)), 0);
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Shift+Z');
  await page.waitForFunction(() => !document.querySelector('[data-testid=portrait-item]'));
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');
  await page.waitForFunction((text) => document.getElementById('lyrics').value === text, words);
  await reach(page, 'ready');
});

const SHAPES = { '9:16': 9 / 16, '1:1': 1, '4:5': 4 / 5, '16:9': 16 / 9 };
for (const [shape, ratio] of Object.entries(SHAPES)) {
  test(`${shape}: on the stage and in the file`, async () => {
    await page.locator(`input[name=shape][value="${shape}"]`).check();
    const { width, height } = await still(page);
    assert.ok(Math.abs(width / height - ratio) < 0.02, `the stage has ${width} x ${height}`);
    await id('export-format').selectOption('png');
    const path = join(folder, 'shape.png');
    await film(page, path);
    const { video } = await ffprobe(path);
    assert.ok(Math.abs(video.width / video.height - ratio) < 0.02, `the file has ${video.width} x ${video.height}`);
  });
}

test('words and title on the picture: in the preview, in the page’s letters, and taken off again', async () => {
  await page.locator('input[name=shape][value="1:1"]').check();
  const bare = await at(1.2);
  await id('burn').check();
  await page.waitForTimeout(1500); // the letters come
  const words = await still(page);
  assert.ok(difference(bare, words, { x: 0.1, y: 0.7, width: 0.8, height: 0.2 }) > 3, 'no words are seen');
  assert.equal(difference(bare, words, { x: 0, y: 0, width: 1, height: 0.5 }), 0);
  assert.ok(await page.locator('#captions').isHidden());
  const fonts = await page.workers()[0].evaluate(() => [...self.fonts].map(({ family, status }) => `${family} ${status}`));
  assert.deepEqual(fonts, ['Bricolage loaded']);
  await id('title').fill('For Ada');
  const titled = await still(page);
  const top = { x: 0, y: 0, width: 1, height: 0.3 };
  assert.ok(difference(words, titled, top) > 1, 'no title is seen');
  const later = await at(4.2);
  await id('title').fill('');
  assert.equal(difference(later, await still(page), top), 0, 'the title stays after its time');
  await id('burn').uncheck();
  await at(1.2);
  assert.equal(difference(bare, await still(page)), 0);
});

test('a cut is as long as it says, in the panel and in the file', async () => {
  await id('trim-from').fill('1');
  await id('trim-to').fill('2.5');
  await id('export-format').selectOption('mp4');
  const path = join(folder, 'cut.mp4');
  await film(page, path);
  const { format, video } = await ffprobe(path);
  assert.ok(Math.abs(Number(format.duration) - 1.5) < 0.1, `${format.duration} s`);
  assert.equal(Number(video.nb_read_frames), Math.ceil(1.5 * 15 - 1e-6));
  await id('play').click(); // and plays from its beginning to its end
  await reach(page, 'playing');
  await reach(page, 'ready');
  assert.ok(Math.abs(Number(await id('seek').inputValue()) - 2.5) < 0.06, await id('seek').inputValue());
});

test('none of it reached the console as an error', () => assert.deepEqual(trouble, []));
