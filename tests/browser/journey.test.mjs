// The whole way: a photo goes in, a song is chosen, the portrait sings, and the file that comes out is examined.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lag, loudness, mean, pearson } from './measure.mjs';
import { data, ffmpeg, ffprobe, film, photo, reach, setStage, stand } from './stand.mjs';

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

test('a photo sings a bundled song: play, pause, seek, export, download', async () => {
  const { page, trouble, context } = await place.open('?size=128&fps=5&seed=7');
  await setStage(page, { portrait: await photo() });
  await page.getByTestId('clip-choice').nth(1).check();
  await reach(page, 'ready');

  const seek = page.getByTestId('seek');
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  await page.waitForFunction(() => Number(document.getElementById('seek').value) > 0.3);
  await page.getByTestId('play').click();
  await reach(page, 'ready');
  await seek.fill('3');
  assert.equal(await seek.inputValue(), '3');
  assert.match(await page.locator('#clock').innerText(), /^0:03/);

  const path = join(folder, 'song.mp4');
  const name = await film(page, path);
  assert.match(name, /^portraoke-[\p{L}\p{N}-]+\.mp4$/u);
  const { video, audio, format } = await ffprobe(path);
  const seconds = Number(await seek.getAttribute('max'));
  assert.equal(video.codec_name, 'h264');
  assert.ok(['aac', 'opus'].includes(audio.codec_name), audio.codec_name);
  assert.equal(Math.max(video.width, video.height), 128);
  assert.equal(video.width % 2 + (video.height % 2), 0);
  assert.equal(Number(video.nb_read_frames), Math.ceil(seconds * 5));
  assert.ok(Math.abs(Number(format.duration) - seconds) < 0.3, `${format.duration} s for a song of ${seconds} s`);
  assert.match(JSON.stringify(format.tags), /AI generated/);
  const sound = loudness(await samples(path), 16000, 10);
  assert.ok(Math.max(...sound) > 0.02, 'the file is silent');

  assert.deepEqual(trouble, []);
  await context.close();
});

test('the mouth follows the voice within one frame, and the same film comes out twice', async () => {
  const { page, trouble, context } = await place.open();
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  const first = join(folder, 'first.mp4');
  await film(page, first);

  const { video } = await ffprobe(first);
  const { width, height } = video;
  const frames = await grey(first, width, height);
  const mouth = JSON.parse(await page.getByTestId('preview').getAttribute('data-mouth'));
  const box = {
    x0: Math.floor(mouth.x * width), x1: Math.ceil((mouth.x + mouth.width) * width),
    y0: Math.floor(mouth.y * height), y1: Math.ceil((mouth.y + mouth.height) * height),
  };
  // An open mouth shows the dark of its inside, whatever the colour of the lips.
  const darkness = frames.map((frame) => {
    let dark = 0;
    let n = 0;
    for (let y = box.y0; y < box.y1; y++) for (let x = box.x0; x < box.x1; x++, n++) dark += 255 - frame[y * width + x];
    return dark / n;
  });
  const envelope = loudness(await samples(first), 16000, 30).slice(0, darkness.length);
  const best = lag(envelope, darkness, 6);
  const spread = Math.max(...darkness) - Math.min(...darkness);
  assert.ok(spread > 3, `the mouth region hardly changes (${spread.toFixed(2)} of 255)`);
  assert.ok(Math.abs(best) <= 1, `the mouth is ${best} frames away from the voice`);
  assert.ok(Math.abs(pearson(envelope, darkness, best)) > 0.4, 'the mouth does not move with the voice');

  // A frame is a function of portrait, track, settings and time: nothing else may show.
  const second = join(folder, 'second.mp4');
  await film(page, second);
  const again = await grey(second, width, height);
  assert.equal(again.length, frames.length);
  const worst = Math.max(...frames.map((frame, i) => mean(frame.map((v, j) => Math.abs(v - again[i][j])))));
  assert.equal(worst, 0, `two exports differ by up to ${worst} grey levels a pixel`);

  assert.deepEqual(trouble, []);
  await context.close();
});

test('every frame carries the label', async () => {
  const { page, context } = await place.open();
  await setStage(page, { portrait: await photo(1), score: data('la-la.musicxml') });
  const path = join(folder, 'label.mp4');
  await film(page, path);
  const { video } = await ffprobe(path);
  const frames = await grey(path, video.width, video.height);
  const place_ = JSON.parse(await page.getByTestId('preview').getAttribute('data-label'));
  const inside = (frame) => {
    const values = [];
    for (let y = Math.floor(place_.y * video.height); y < (place_.y + place_.height) * video.height; y++)
      for (let x = Math.floor(place_.x * video.width); x < (place_.x + place_.width) * video.width; x++) values.push(frame[y * video.width + x]);
    return values;
  };
  // White letters on a dark plate, the same in each frame.
  const reference = inside(frames[0]);
  assert.ok(Math.max(...reference) - Math.min(...reference) > 90, 'no label is seen');
  for (const frame of frames) {
    const difference = mean(inside(frame).map((v, i) => Math.abs(v - reference[i])));
    assert.ok(difference < 12, `the label changes by ${difference.toFixed(1)}`);
  }
  await context.close();
});

test('WebM comes out as VP9 and Opus; cancel answers at once and keeps the earlier file', async () => {
  const { page, trouble, context } = await place.open();
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await page.getByTestId('export-format').selectOption('webm');
  const path = join(folder, 'song.webm');
  await film(page, path);
  const { video, audio } = await ffprobe(path);
  assert.equal(video.codec_name, 'vp9');
  assert.equal(audio.codec_name, 'opus');

  const earlier = await page.getByTestId('download').getAttribute('href');
  await page.getByTestId('export').click();
  await page.waitForFunction(() => document.getElementById('export-progress').value > 0.05);
  const asked = Date.now();
  await page.getByTestId('export-cancel').click();
  await reach(page, 'ready');
  assert.ok(Date.now() - asked < 2000, `cancel took ${Date.now() - asked} ms`);
  assert.equal(await page.getByTestId('download').getAttribute('href'), earlier);
  assert.deepEqual(trouble, []);
  await context.close();
});

/** Decoded luma planes. */
async function grey(path, width, height) {
  const raw = await ffmpeg('-i', path, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-');
  const frames = [];
  for (let at = 0; at < raw.length; at += width * height) frames.push(raw.subarray(at, at + width * height));
  return frames;
}

/** Sound as mono floats at 16 kHz, starting at the time 0 of the film. */
async function samples(path) {
  const raw = await ffmpeg('-i', path, '-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', '16000', '-f', 'f32le', '-');
  return new Float32Array(raw.buffer, raw.byteOffset, raw.byteLength >> 2);
}
