// Which way the page runs: which wasm and networks it fetches, what it draws with, and that it says so.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { chooseBackend } from '../../www/worker/backend.js';
import { data, photo, QUICK, reach, setStage, stand } from './stand.mjs';

const dist = (path) => resolve(import.meta.dirname, '../../dist', path);

let place;
let portrait;
before(async () => {
  place = await stand();
  portrait = await photo();
});
after(() => place?.close());

/** What the page says of its backend, once it knows. */
async function backend(page) {
  const line = page.locator('[data-testid=backend]:not([hidden])');
  await line.waitFor();
  return { backend: await line.getAttribute('data-backend'), text: await line.innerText() };
}

/** The preview's pixels at 2 s, as the page shows them. */
async function pixels(page) {
  await page.getByTestId('seek').fill('2');
  await page.waitForTimeout(1500); // nothing tells the page's thread when the worker's picture has arrived
  return page.evaluate(() => {
    const canvas = document.getElementById('preview');
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
    copy.drawImage(canvas, 0, 0);
    return [...copy.getImageData(0, 0, canvas.width, canvas.height).data];
  });
}

test('the choice follows the adapter, and the address overrides it', async () => {
  const card = { info: { vendor: 'nvidia', architecture: 'ampere' } };
  const software = { info: { vendor: 'google', architecture: 'swiftshader' } };
  const declared = { info: { vendor: 'maker', isFallbackAdapter: true } };
  const former = { isFallbackAdapter: true }; // before `info`
  const cases = [
    [card, null, 'webgpu', 'webgpu', 'card'],
    [card, 'webgpu', 'webgpu', 'webgpu', 'card'],
    [card, 'fallback', 'fallback', 'webgpu', 'asked'],
    [card, 'nonsense', 'webgpu', 'webgpu', 'card'],
    [software, null, 'fallback', 'webgpu', 'software'],
    [declared, null, 'fallback', 'webgpu', 'software'],
    [former, null, 'fallback', 'webgpu', 'software'],
    [software, 'webgpu', 'webgpu', 'webgpu', 'softwareAsked'],
    [null, null, 'fallback', 'webgl', 'noWebGpu'],
    [null, 'webgpu', 'fallback', 'webgl', 'noWebGpu'],
  ];
  const browser = { navigator: globalThis.navigator, OffscreenCanvas: globalThis.OffscreenCanvas };
  const pretend = (globals) => {
    for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true });
  };
  try {
    for (const [adapter, asked, ...expected] of cases) {
      pretend({
        navigator: { gpu: { requestAdapter: async () => adapter } },
        OffscreenCanvas: class { getContext() { return {}; } },
      });
      const { backend: name, drawing, why } = await chooseBackend(asked);
      assert.deepEqual([name, drawing, why], expected, `${JSON.stringify(adapter)}, asked for ${asked}`);
    }
    pretend({ navigator: {}, OffscreenCanvas: class { getContext() { return null; } } });
    await assert.rejects(chooseBackend(null), /WebGPU.*WebGL/);
  } finally {
    pretend(browser);
  }
});

test('without a graphics card the fallback runs, and the page says why', async () => {
  const { page, requests, context } = await place.open();
  await reach(page, 'ready');
  const { backend: name, text } = await backend(page);
  assert.equal(name, 'fallback');
  assert.match(text, /processor.*no graphics card.*nothing repaints/);
  assert.ok(requests.some((path) => /pkg-fallback\/portraoke_bg\.wasm$/.test(path)));
  assert.ok(!requests.some((path) => /\/pkg\/|\.plan$/.test(path)), 'nothing of the other way is fetched');
  await context.close();
});

test('without WebGPU the fallback draws the same through WebGL', async () => {
  const shown = [];
  for (const graphics of ['webgpu', 'webgl']) {
    const where = graphics === 'webgpu' ? place : await stand({ graphics });
    const { page, trouble, context } = await where.open();
    await setStage(page, { portrait, score: data('la-la.musicxml') });
    if (graphics === 'webgl') assert.match((await backend(page)).text, /processor.*no WebGPU.*nothing repaints/);
    shown.push(await pixels(page));
    assert.deepEqual(trouble, []);
    await context.close();
    if (where !== place) await where.close();
  }
  const [first, second] = shown;
  const colours = new Set(first);
  assert.ok(colours.size > 100, `something is shown: ${colours.size} different values`);
  assert.equal(first.length, second.length);
  const difference = first.reduce((sum, value, i) => sum + Math.abs(value - second[i]), 0) / first.length;
  assert.ok(difference < 1, `WebGL draws ${difference.toFixed(2)} of 255 differently`);
});

test('a video made through WebGL is whole', async () => {
  const without = await stand({ graphics: 'webgl' });
  const { page, trouble } = await without.open('?size=128&fps=5');
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  await page.getByTestId('export').click();
  await reach(page, 'done');
  assert.match(await page.locator('#result-text').innerText(), /frames/);
  assert.deepEqual(trouble, []);
  await without.close();
});

test('the address chooses the fallback', async () => {
  const { page, context } = await place.open(`${QUICK}&backend=fallback`);
  await reach(page, 'ready');
  const { backend: name, text } = await backend(page);
  assert.equal(name, 'fallback');
  assert.match(text, /address asks/);
  await context.close();
});

test('the first load fetches plans and no ONNX, and its wasm alone', async () => {
  const { page, requests, context } = await place.open(`${QUICK}&backend=webgpu`);
  await reach(page, 'ready');
  assert.ok(requests.some((path) => /\/pkg\/portraoke_bg\.wasm$/.test(path)));
  assert.ok(requests.some((path) => /\.plan$/.test(path)));
  assert.ok(!requests.some((path) => /pkg-fallback|\.onnx$/.test(path)));
  await context.close();
});

test('on the graphics card a portrait is read and sings', async () => {
  const { page, trouble, context } = await place.open(`${QUICK}&backend=webgpu`);
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  const { backend: name, text } = await backend(page);
  assert.equal(name, 'webgpu');
  assert.match(text, /WebGPU.*address asks/);
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  assert.deepEqual(trouble, []);
  await context.close();
});

/** Lets the page take SwiftShader for a graphics card. */
const disguised = async (context) => {
  await context.route('**/worker/backend.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('const software = ', 'const software = false && ') });
  });
};

test('with a graphics card the page runs on it, and names it', async () => {
  const { page, requests, context } = await place.open(QUICK, { prepare: disguised });
  await reach(page, 'ready');
  const { backend: name, text } = await backend(page);
  assert.equal(name, 'webgpu');
  assert.match(text, /on your graphics card \(.+\)/);
  assert.ok(!requests.some((path) => /pkg-fallback|\.onnx$/.test(path)));
  await context.close();
});

test('a graphics card that refuses the networks leaves them to the processor', async () => {
  const prepare = async (context) => {
    await disguised(context);
    await context.route('**/*.plan', (route) => route.fulfill({ body: 'PORTPLAN, and nothing that a plan holds' }));
  };
  const { page, context } = await place.open(QUICK, { prepare });
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  const { backend: name, text } = await backend(page);
  assert.equal(name, 'fallback');
  assert.match(text, /graphics card refused/);
  await context.close();
});

test('the first wasm holds no tract, the fallback does', async () => {
  const tract = /tract[-_](core|data|hir|linalg|onnx)/; // not the vocal tract
  const [first, fallback] = await Promise.all(['pkg', 'pkg-fallback'].map((name) => readFile(dist(`${name}/portraoke_bg.wasm`), 'latin1')));
  assert.doesNotMatch(first, tract);
  assert.match(fallback, tract);
  assert.ok(first.length < fallback.length / 2, `${first.length} bytes beside ${fallback.length}`);
});

test('the refiner repaints what sings, and its switch takes it away', async () => {
  const { page, trouble, requests, context } = await place.open(`${QUICK}&backend=webgpu`);
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  const refine = page.getByTestId('refine');
  assert.equal(await refine.isChecked(), false, 'on a processor it is left to the visitor');
  const without = await pixels(page);
  assert.ok(!requests.some((path) => /refiner\.plan/.test(path)), 'nobody waits for it');
  await refine.check();
  // The network is fetched and compiled first; a loaded machine takes its time for both.
  let changed = 0;
  for (let tries = 0; tries < 30 && changed === 0; tries++) {
    const refined = await pixels(page);
    changed = refined.filter((value, i) => Math.abs(value - without[i]) > 2).length / refined.length;
  }
  assert.ok(changed > 0.001 && changed < 0.5, `${(100 * changed).toFixed(2)} % of the values change`);
  await refine.uncheck();
  assert.deepEqual(await pixels(page), without);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('the fallback has no refiner and does not offer one', async () => {
  const { page, context } = await place.open();
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  assert.equal(await page.getByTestId('refine').isVisible(), false);
  await context.close();
});
