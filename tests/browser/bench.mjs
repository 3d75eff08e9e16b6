// The page's own figures: what a first visit downloads, and how long a visitor waits. Times are those of this
// machine with SwiftShader (no graphics card) unless HEADED=1 lets Chromium use a real one: quote ratios.
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { dist, fetched, sent } from './first_load.mjs';
import { held } from './memory.mjs';
import { data, ffmpeg, film, photo, reach, setStage, stand } from './stand.mjs';

// On SwiftShader the page would choose the fallback: what a visitor with a graphics card gets must be asked for.
const BACKENDS = ['webgpu', 'fallback'];
const KINDS = [
  ['wasm', /\.wasm$/],
  ['networks', /\.(onnx|plan)$/],
  ['head model', /\.safetensors$/],
  ['JS, HTML, CSS', /\.(js|html|css|svg|json)$/],
  ['font', /\.woff2$/],
  ['first song', /\.(musicxml|xml|mxl)$/],
  ['sample portraits', /\.(jpe?g|png|webp)$/],
];

const kilobytes = (n) => `${(n / 1000).toFixed(1)} kB`.padStart(12);
const ms = (n) => `${Math.round(n)} ms`.padStart(10);

const place = await stand();

// What is fetched until the page is ready, seen from outside it.
const { page, requests } = await place.open(`?backend=${BACKENDS[0]}`);
await reach(page, 'ready');
const first = fetched(requests);
console.log(`First load, ${BACKENDS[0].padEnd(8)}       raw      brotli`);
let [raw, packed] = [0, 0];
for (const [kind, pattern] of KINDS) {
  const sizes = first.filter((path) => pattern.test(path)).map((path) => sent(join(dist, path)));
  const [a, b] = [0, 1].map((i) => sizes.reduce((sum, size) => sum + size[i], 0));
  [raw, packed] = [raw + a, packed + b];
  console.log(`${kind.padEnd(18)}${kilobytes(a)}${kilobytes(b)}`);
}
console.log(`${'together'.padEnd(18)}${kilobytes(raw)}${kilobytes(packed)}`);
const later = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => !first.includes(`/${relative(dist, path)}`));
const other = BACKENDS[0] === 'webgpu' ? /pkg-fallback\/|\.onnx$/ : /pkg\/|\.plan$/;
for (const [what, belongs] of [['the other backend', true], ['fetched later', false]]) {
  const sizes = later.filter((path) => other.test(path) === belongs).map(sent);
  const [a, b] = [0, 1].map((i) => sizes.reduce((sum, size) => sum + size[i], 0));
  console.log(`${what.padEnd(18)}${kilobytes(a)}${kilobytes(b)}`);
}
await page.context().close();

console.log('\nTimes');
const portrait = await photo();
for (const backend of BACKENDS) {
  const { page: timed } = await place.open(`?size=512&backend=${backend}`);
  await reach(timed, 'ready');
  const chosen = Date.now();
  await timed.getByTestId('portrait-input').setInputFiles(portrait);
  await timed.getByTestId('portrait-item').waitFor();
  await reach(timed, 'ready');
  console.log(`file chosen to first frame ${ms(Date.now() - chosen)}, ${backend}`);
  await timed.context().close();
}

// What drives: a song sung, a voice listened to, a face followed; each against its own length.
{
  const { page: driven } = await place.open('?size=384&fps=15&backend=fallback');
  await setStage(driven, { portrait });
  const folder = mkdtempSync(join(tmpdir(), 'portraoke-'));
  const seconds = () => driven.evaluate(() => Number(document.getElementById('seek').max));
  const timed = async (what, act) => {
    const begun = Date.now();
    await act();
    await reach(driven, 'ready');
    const took = (Date.now() - begun) / 1000;
    console.log(`${what.padEnd(26)}${(await seconds()).toFixed(1).padStart(6)} s in ${took.toFixed(1)} s: ${((await seconds()) / took).toFixed(1)} times real time`);
  };
  const own = async (path) => {
    await driven.getByTestId('driver-input').setInputFiles(path);
    await driven.waitForFunction(() => document.querySelector('[data-clip=own-recording]:not([data-former])'));
    await driven.evaluate(() => (document.querySelector('[data-clip=own-recording]').dataset.former = ''));
  };
  await timed('a song sung', async () => {
    await driven.locator('input[data-clip=korobeiniki]').check();
    await driven.waitForFunction(() => document.getElementById('status').dataset.state === 'analysing');
  });
  await film(driven, join(folder, 'face.mp4'));
  await ffmpeg('-i', join(folder, 'face.mp4'), '-t', '8', join(folder, 'short.mp4'));
  await timed('a face followed, on tract', () => own(join(folder, 'short.mp4')));
  await ffmpeg('-i', join(folder, 'face.mp4'), '-vn', join(folder, 'song.wav'));
  await timed('a voice listened to', () => own(join(folder, 'song.wav')));
  await driven.context().close();
}

for (const size of [512, 720, 1080]) {
  const { page: sized } = await place.open(`?size=${size}&fps=10`);
  await setStage(sized, { portrait, score: data('la-la.musicxml') });
  const begun = Date.now();
  await sized.getByTestId('export').click();
  await reach(sized, 'done');
  const all = Date.now() - begun;
  const text = await sized.locator('#result-text').innerText();
  const frames = Number(/(\d+) frames/.exec(text)[1]);
  const encoding = await sized.evaluate(encodeAlone, { frames, size: /(\d+) × (\d+)/.exec(text).slice(1).map(Number) });
  console.log(`${String(size).padStart(4)} px: ${ms(all / frames)} a frame exported, ${ms(encoding / frames)} of it encoding alone (${(all / encoding).toFixed(1)}x)`);
  if (size === 720) {
    const taken = [];
    for (let i = 0; i < 5; i++) taken.push(await sized.evaluate(clickToReady));
    console.log(`cancel, from the click until the page is ready: ${taken.map((t) => `${Math.round(t)} ms`).join(', ')}`);
  }
  await sized.context().close();
}
await place.close();

// What exports leave behind. The first one of a format also pays for its encoders and the player, once.
{
  const tidy = await stand({ flags: ['--js-flags=--expose-gc'] });
  const { page: made } = await tidy.open('?size=256&fps=10');
  await setStage(made, { portrait, score: data('la-la.musicxml') });
  const settled = async () => {
    for (let i = 0; i < 3; i++) {
      for (const place of [made, ...made.workers()]) await place.evaluate(() => globalThis.gc());
      await new Promise((done) => setTimeout(done, 500));
    }
    return held() / 1e6;
  };
  for (const format of ['mp4', 'gif']) {
    await made.getByTestId('export-format').selectOption(format);
    const before = await settled();
    const after = [];
    for (let i = 0; i < 11; i++) {
      await made.getByTestId('export').click();
      await reach(made, 'exporting');
      await reach(made, 'done');
      if (i === 0 || i === 10) after.push(await settled());
    }
    const [first, last] = after;
    const grown = (100 * (last / first - 1)).toFixed(1);
    console.log(`memory, ${format}: ${before.toFixed(0)} MB before, ${first.toFixed(0)} MB after one export, ${last.toFixed(0)} MB after ten more (${grown} %)`);
  }
  await tidy.close();
}

/** Starts an export by its button, lets it run a while, and presses cancel. Runs in the page; milliseconds. */
async function clickToReady() {
  const status = document.getElementById('status');
  const reached = (state) =>
    new Promise((done) => {
      const look = () => status.dataset.state === state && (observer.disconnect(), done());
      const observer = new MutationObserver(look);
      observer.observe(status, { attributes: true });
      look();
    });
  document.getElementById('export').click();
  await reached('exporting');
  while (document.getElementById('export-progress').value < 0.1) await new Promise((done) => setTimeout(done, 20));
  const asked = performance.now();
  document.getElementById('export-cancel').click();
  await reached('ready');
  return performance.now() - asked;
}

/** Encodes as many frames of a moving photo of the same size with the browser's encoder and nothing else. Runs in the page. */
async function encodeAlone({ frames, size: [width, height] }) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d');
  const photo = await createImageBitmap(await (await fetch('portraits/amara.jpg')).blob());
  const encoder = new VideoEncoder({ output() {}, error: console.error });
  encoder.configure({ codec: 'avc1.640028', width, height, bitrate: 6e6, framerate: 30 });
  const begun = performance.now();
  for (let k = 0; k < frames; k++) {
    pen.drawImage(photo, Math.round(4 * Math.sin(k / 3)) - 4, -4, width + 8, height + 8);
    const frame = new VideoFrame(canvas, { timestamp: k * 33333 });
    encoder.encode(frame);
    frame.close();
    while (encoder.encodeQueueSize > 4) await new Promise((done) => setTimeout(done));
  }
  await encoder.flush();
  return performance.now() - begun;
}
