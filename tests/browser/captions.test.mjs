// Captions on the picture, in the page's own worker: lines, rows, wipes and what is uploaded when.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { captionLines, lineAt } from '../../www/js/caption_lines.js';
import { reach, stand } from './stand.mjs';

let place;
let worker;
before(async () => {
  place = await stand();
  const { page } = await place.open();
  await reach(page, 'ready');
  worker = page.workers()[0];
});
after(() => place?.close());

/** Words that follow each other, 0.4 s each, from 1 s on. */
const timed = (track) => track.split(' ').map((text, i) => ({ text, start: 1 + i * 0.4, end: 1.4 + i * 0.4 }));
const written = (lines) => lines.map((line) => line.map(({ text, space }, i) => (i && space ? ` ${text}` : text)).join(''));

test('lines follow the lyrics: breaks, spaces and none in Chinese', () => {
  assert.deepEqual(written(captionLines(timed('Dai- sy, Dai- sy, give me'), 'Daisy, Daisy,\ngive me')), ['Daisy, Daisy,', 'give me']);
  assert.deepEqual(written(captionLines(timed('好 一 朵 花， 满 园'), '好一朵花，\n满园')), ['好一朵花，', '满园']);
});

test('lines without lyrics: by number and pauses, and Chinese still without spaces', () => {
  const words = timed('one two three four five six seven eight nine ten');
  assert.deepEqual(written(captionLines(words, '')), ['one two three four five six seven eight', 'nine ten']);
  assert.deepEqual(written(captionLines(timed('好 一 朵'), '')), ['好一朵']);
  const late = [...timed('one two'), { text: 'three', start: 4, end: 5 }];
  assert.deepEqual(written(captionLines(late, '')), ['one two', 'three']);
  assert.deepEqual(captionLines([], ''), []);
});

test('a long line of lyrics is shown in parts, none of them long', () => {
  const text = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ');
  const lines = written(captionLines(timed(text), text));
  assert.equal(lines.join(' '), text);
  assert.ok(lines.every((line) => line.length <= 46), lines.join('\n'));
});

test('a line comes a little early, stays while it sounds, and goes when nothing follows', () => {
  const [first, second] = captionLines([{ text: 'a', start: 2, end: 4 }, { text: 'b', start: 4.1, end: 5 }], 'a\nb');
  const lines = [first, second];
  assert.equal(lineAt(lines, 0.5), undefined);
  assert.equal(lineAt(lines, 1), first);
  assert.equal(lineAt(lines, 3.9), first);
  assert.equal(lineAt(lines, 4.05), second);
  assert.equal(lineAt(lines, 9), undefined);
});

/** Runs in the worker: what a studio is told while a clip is shown. */
async function tell({ words, lyrics, title, style, width, height, times, since }) {
  const { PictureCaptions } = await import('./worker/captions.js');
  const { lettering } = await import('./worker/lettering.js');
  await lettering.ready();
  const captions = new PictureCaptions();
  captions.load({ words, lyrics, title });
  Object.assign(captions.style, style);
  const slots = {};
  let uploads = 0;
  const studio = {
    set_overlay(slot, rgba, w, h) {
      if (rgba.length !== w * h * 4) throw new Error('the picture has another size than it says');
      uploads++;
      const seen = new Set();
      for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] === 255) seen.add((rgba[i] << 16) | (rgba[i + 1] << 8) | rgba[i + 2]);
      slots[slot] = { ...slots[slot], w, h, ink: seen.has(0x34101f), wipe: seen.has(0x2a3ae0), paper: seen.has(0xfbe7e1) };
    },
    show_overlay(slot, x, y, width, height, from, to) {
      Object.assign((slots[slot] ??= {}), { x, y, width, height, from, to, shown: true });
    },
    hide_overlay(slot) {
      if (slots[slot]) slots[slot].shown = false;
    },
  };
  const told = times.map((time) => {
    captions.show(studio, time, width, height, since);
    return { time, uploads, slots: structuredClone(slots) };
  });
  return { told, family: lettering.family };
}

const CLIP = { words: timed('Dai- sy, Dai- sy, give me your an- swer, do!'), lyrics: 'Daisy, Daisy, give me your answer, do!', title: 'Daisy Bell' };
const STYLE = { captions: true, title: false, look: 'plate' };
const steps = (from, to, by) => Array.from({ length: Math.round((to - from) / by) + 1 }, (_, i) => from + i * by);

test('the wipe advances with the words, row after row, within the frame and above the label', async () => {
  for (const [width, height] of [[720, 1280], [720, 720], [576, 720], [1280, 720], [256, 256]]) {
    const { told, family } = await worker.evaluate(tell, { ...CLIP, style: STYLE, width, height, times: steps(0, 7, 0.05) });
    assert.match(family, /Bricolage/, 'the page’s own letters were not found in the worker');
    let before = 0;
    let row = 0;
    for (const { time, slots } of told) {
      const [, line, sung] = [slots[0], slots[1], slots[2]];
      if (!line?.shown) continue;
      assert.deepEqual([line.w, line.h], [line.width, line.height], 'not pixel for pixel');
      assert.ok(line.x >= 0.05 * width && line.x + line.width <= 0.95 * width, `${line.x} + ${line.width} of ${width}`);
      assert.ok(line.y + line.height <= height - 0.097 * Math.min(width, height), 'over the label');
      if (height > 1.5 * width) assert.ok(line.y + line.height <= 0.8 * height, 'under the apps’ own buttons');
      if (!sung?.shown) continue;
      assert.equal(sung.from, 0);
      assert.ok(sung.y >= line.y && sung.y + sung.height <= line.y + line.height + 1);
      if (sung.y === row) assert.ok(sung.to >= before, `the wipe goes back at ${time}`);
      else assert.ok(row === 0 || before > 0.85, `the first row is left at ${before}`);
      [before, row] = [sung.to, sung.y];
    }
    assert.equal(told.find(({ time }) => time > 5.1).slots[2].to, 1, 'the line is not sung to its end');
  }
});

test('pictures are uploaded when a line or row changes, not with each frame', async () => {
  const { told } = await worker.evaluate(tell, { ...CLIP, style: STYLE, width: 720, height: 1280, times: steps(0, 7, 1 / 60) });
  assert.ok(told.at(-1).uploads <= 4, `${told.at(-1).uploads} uploads for two rows`);
});

test('Arabic is wiped from the right', async () => {
  const lyrics = 'يا ليل يا عين';
  const { told } = await worker.evaluate(tell, { words: timed(lyrics), lyrics, style: STYLE, width: 720, height: 720, times: [1.5, 2.1] });
  const [early, late] = told.map(({ slots }) => slots[2]);
  assert.equal(early.to, 1);
  assert.ok(early.from > late.from && late.from > 0, `${early.from}, ${late.from}`);
});

test('one endless word is broken or made smaller, never cut off', async () => {
  const track = 'Donau- dampf- schiff- fahrts- ge- sell- schafts- ka- pi- täns- wit- we';
  const { told } = await worker.evaluate(tell, { words: timed(track), lyrics: track.replaceAll('- ', ''), style: STYLE, width: 360, height: 640, times: [2] });
  const { x, width } = told[0].slots[1];
  assert.ok(x > 0 && x + width < 360);
  assert.ok(told[0].slots[1].height > 25, 'too small to read');
});

test('both looks have the page’s colours; the title comes with the film’s beginning and fades', async () => {
  const times = [10, 11, 12.4, 12.7, 12.9, 13.1];
  for (const look of ['plate', 'outline']) {
    const { told } = await worker.evaluate(tell, { ...CLIP, style: { captions: true, title: true, look }, width: 720, height: 720, times: [1.5, ...times], since: 10 });
    assert.equal(told[0].slots[0], undefined, 'a title before the film begins');
    assert.deepEqual(told.slice(1).map(({ slots }) => slots[0].shown), [true, true, true, true, true, false]);
    assert.ok(told[1].slots[0].paper && told[1].slots[0].ink, 'title without its colours');
    assert.ok(told[0].slots[1].paper && told[0].slots[1].ink && told[0].slots[2].wipe, `${look} lacks a colour`);
    assert.equal(told[0].slots[2].paper, look === 'outline');
  }
});

test('nothing is told to a studio that is not to write, and nothing breaks where it cannot', async () => {
  const { told } = await worker.evaluate(tell, { ...CLIP, style: { captions: false, title: false, look: 'plate' }, width: 720, height: 720, times: [2] });
  assert.equal(told[0].uploads, 0);
  await worker.evaluate(async () => {
    const { PictureCaptions } = await import('./worker/captions.js');
    const captions = new PictureCaptions();
    captions.load({ words: [], title: '' });
    captions.show({}, 1, 64, 64);
  });
});
