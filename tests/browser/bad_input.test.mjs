// Every bad file gets one plain sentence, and what was on stage stays there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import * as zlib from 'node:zlib';
import { data, photo, reach, setStage, stand } from './stand.mjs';

const FFMPEG = process.env.FFMPEG || 'ffmpeg';
const shared = (name) => readFileSync(resolve(import.meta.dirname, '../data', name));

let place;
let folder;
let page;
let trouble;
let good;

before(async () => {
  place = await stand();
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  good = await photo();
  ({ page, trouble } = await place.open());
  await setStage(page, { portrait: good, score: data('la-la.musicxml') });
});
after(async () => {
  await place?.close();
  await rm(folder, { recursive: true, force: true });
});

const refusals = [
  ['text called .jpg', () => Buffer.from('This is no picture at all. '.repeat(40)), /not a picture.*choose/i],
  ['an empty file', () => Buffer.alloc(0), /empty.*(choose|download)/i],
  ['a truncated photo', () => good.buffer.subarray(0, good.buffer.length / 3), /(cut off|damaged).*choose|No face/i],
  ['one pixel', () => png(1, 1), /1 x 1 pixels.*choose/i],
  ['a header of 30,000 x 30,000', () => png(30000, 30000, { body: false }), /30000 x 30000.*too large.*choose/i],
  ['a HEIC photo', () => Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic'), Buffer.alloc(400)]), /HEIC.*(JPEG|choose)/i],
  ['no face', () => png(200, 200), /no face.*choose/i],
  ['a tiny face', () => scaled('scale=26:-1,pad=200:200:20:20:gray'), /(only \d+ pixels high|no face).*choose/i],
];

for (const [what, make, sentence] of refusals) {
  test(`${what} is refused in one sentence`, async () => {
    await page.getByTestId('portrait-input').setInputFiles({ name: 'bad.jpg', mimeType: 'image/jpeg', buffer: make() });
    await refused(sentence);
    assert.match(await page.getByTestId('portrait-item').innerText(), new RegExp(good.name.replace('.', '\\.')));
  });
}

const scores = [
  ['a broken score', () => readFileSync(data('la-la.musicxml')).subarray(0, 700), /(broken|not a MusicXML).*export/i],
  ['an empty score', () => Buffer.alloc(0), /empty.*choose/i],
  ['a score of megabytes of nonsense', () => Buffer.alloc(3e6, 'x'), /not a MusicXML.*export/i],
];

for (const [what, make, sentence] of scores) {
  test(`${what} is refused in one sentence`, async () => {
    const lyrics = await page.getByTestId('lyrics').inputValue();
    await page.getByTestId('driver-input').setInputFiles({ name: 'bad.musicxml', mimeType: 'text/xml', buffer: make() });
    await refused(sentence);
    assert.equal(await page.getByTestId('lyrics').inputValue(), lyrics);
  });
}

test('a score without lyrics is sung on la, says so, and takes words', async () => {
  await page.getByTestId('driver-input').setInputFiles(data('no-lyrics.musicxml'));
  await page.getByTestId('clip-notes').filter({ hasText: /no words.*type your own/i }).waitFor();
  await reach(page, 'ready');
  assert.match(await page.getByTestId('lyrics').inputValue(), /^la(\s+la)*$/);
  await page.getByTestId('driver-input').setInputFiles(data('la-la.musicxml'));
  await page.getByTestId('clip-notes').filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
  await reach(page, 'ready');
});

test('words without a letter are refused, and the song stays', async () => {
  await page.getByTestId('lyrics').fill('... ,,, !?');
  await refused(/no words to sing.*type/);
  await page.locator('#lyrics-reset').click();
  await reach(page, 'ready');
});

const unusual = [
  ['CMYK', () => shared('cmyk.jpg')],
  ['an animated picture', () => shared('animated.webp')],
];
for (const [what, make] of unusual) {
  test(`${what} is read like any picture (and has no face)`, async () => {
    await page.getByTestId('portrait-input').setInputFiles({ name: 'odd.jpg', mimeType: 'image/jpeg', buffer: make() });
    await refused(/no face|only \d+/i);
  });
}

test('a 16-bit PNG, an animated GIF and a photo stored on its side take the stage', async () => {
  const made = {
    'deep.png': scaled('format=rgb48be', 'png'),
    'moving.gif': scaled('scale=240:-1,loop=2:1', 'gif'),
    'sideways.jpg': sideways(scaled('transpose=cclock,format=yuvj420p', 'mjpeg')),
  };
  for (const [name, buffer] of Object.entries(made)) {
    await page.getByTestId('portrait-input').setInputFiles({ name, mimeType: 'image/png', buffer });
    await page.getByTestId('portrait-item').filter({ hasText: name }).waitFor({ timeout: 60_000 });
    await reach(page, 'ready');
    const canvas = await page.getByTestId('preview').boundingBox();
    assert.ok(canvas.height > canvas.width, `${name} stands upright`);
  }
});

test('several faces: the largest sings, another can be chosen', async () => {
  const other = await photo(1);
  await writeFile(join(folder, 'a.jpg'), good.buffer);
  await writeFile(join(folder, 'b.jpg'), other.buffer);
  const out = join(folder, 'two.png');
  execFileSync(FFMPEG, ['-v', 'error', '-y', '-i', join(folder, 'a.jpg'), '-i', join(folder, 'b.jpg'), '-filter_complex',
    '[0]scale=400:500[a];[1]scale=320:400,pad=400:500:40:50[b];[a][b]hstack', out]);
  await page.getByTestId('portrait-input').setInputFiles(out);
  await page.getByTestId('portrait-item').filter({ hasText: 'two.png' }).waitFor();
  await reach(page, 'ready');
  const faces = page.getByTestId('face-choice');
  await faces.nth(1).waitFor(); // the worker is asked where they are
  assert.equal(await faces.count(), 2);
  assert.equal(await faces.nth(0).getAttribute('aria-pressed'), 'true');
  await faces.nth(1).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=face-choice]')[1]?.getAttribute('aria-pressed') === 'true');
  await reach(page, 'ready');
  assert.equal(await faces.nth(0).getAttribute('aria-pressed'), 'false');
});

test('none of it reached the console as an error', () => assert.deepEqual(trouble, []));

/** One sentence that says what is wrong and what to do; the stage stays usable. */
async function refused(sentence) {
  await reach(page, 'error');
  const text = await page.locator('#error-text').innerText();
  assert.match(text, sentence);
  assert.equal(text.split(/[.!?](?=\s|$)/).filter((part) => part.trim()).length, 1, `one sentence: ${text}`);
  assert.ok(await page.getByTestId('play').isEnabled());
  assert.ok(await page.getByTestId('preview').isVisible());
  await page.locator('#dismiss').click();
  await reach(page, 'ready');
}

/** A plain grey PNG, or only the header of one. */
function png(width, height, { body = true } = {}) {
  const chunk = (type, content) => {
    const bytes = Buffer.concat([Buffer.from(type), content]);
    const length = Buffer.alloc(4);
    const check = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc(bytes));
    return Buffer.concat([length, bytes, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0], 8); // 8 bits, grey
  const rows = body ? Buffer.alloc((width + 1) * height, 128) : Buffer.alloc(64);
  if (body) for (let y = 0; y < height; y++) rows[y * (width + 1)] = 0; // no filter
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** CRC-32; node's own only since 20.15. */
function crc(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let i = 0; i < 8; i++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

/** The good photo through an ffmpeg filter. */
function scaled(filter, codec = 'png') {
  const format = codec === 'gif' ? ['-f', 'gif'] : ['-frames:v', '1', '-c:v', codec, '-f', 'image2pipe'];
  return execFileSync(FFMPEG, ['-v', 'error', '-f', 'image2pipe', '-i', '-', '-vf', filter, ...format, '-'], { input: good.buffer, maxBuffer: 1 << 28 });
}

/** Adds an EXIF orientation of 6 (turn right to see it upright) to a JPEG. */
function sideways(jpeg) {
  const tiff = Buffer.from('4d4d002a00000008' + '0001' + '0112000300000001' + '00060000' + '00000000', 'hex');
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}
