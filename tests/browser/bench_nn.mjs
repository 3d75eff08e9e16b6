// Our executor against onnxruntime-web in one browser: `node tests/browser/bench_nn.mjs [FOLDER] [NAME…]` times every
// NAME.onnx in the folder (models/ unless given; NAME.plan beside it for ours) and prints one JSON line for each.
// `--engines a,b` takes those of nn/engines.js (ort_webgpu_jspi only so: as fast, once started); `--rounds 5` and
// `--colds 3` say how often.
// Times are those of this machine, without a graphics card those of SwiftShader: quote ratios.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { serve } from '../../scripts/serve.mjs';
import { launch } from './chromium.mjs';

const root = resolve(import.meta.dirname, '../..');
const ort = join(root, 'tests/browser/nn/node_modules/onnxruntime-web/dist');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engines: { type: 'string' }, rounds: { type: 'string', default: '5' }, colds: { type: 'string', default: '3' } },
});
const [folder = join(root, 'models'), ...names] = positionals;
const ROUNDS = Number(values.rounds);
const COLDS = Number(values.colds);
const RUNS = 5; // timed in a round
const SETTLE = 2; // and not timed before them: another engine ran since
const SLOW_MS = 1000; // from here on 3 are timed and 1 is not: SwiftShader takes half a minute for a large network

const nets = names.length ? names : readdirSync(folder).filter((file) => file.endsWith('.onnx')).map((file) => basename(file, '.onnx')).sort();

/** What an engine downloads besides the network. */
const CODE = {
  ours: ['portraoke.js', 'portraoke_bg.wasm'].map((file) => join(root, 'dist/pkg', file)),
  tract_wasm: ['portraoke.js', 'portraoke_bg.wasm'].map((file) => join(root, 'dist/pkg-fallback', file)),
  ort_webgpu: ['ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'].map((file) => join(ort, file)),
  ort_webgpu_jspi: ['ort.jspi.bundle.min.mjs', 'ort-wasm-simd-threaded.jspi.wasm'].map((file) => join(ort, file)),
  ort_wasm: ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm'].map((file) => join(ort, file)),
};
const engines = (values.engines?.split(',') ?? ['ours', 'tract_wasm', 'ort_webgpu', 'ort_wasm']).filter((engine) => CODE[engine].every(existsSync));

const server = await serve(join(root, 'tests/browser/nn'), 0, {
  ...mount('/ort', ort),
  ...mount('/pkg', join(root, 'dist/pkg')),
  ...mount('/pkg-fallback', join(root, 'dist/pkg-fallback')),
  ...mount('/nets', resolve(folder)),
});
const code = Object.fromEntries(engines.map((engine) => [engine, sent(CODE[engine])]));
const browser = await launch();
// The GPU process starts once in a browser's life: no engine's cold start pays for it.
await (await blank()).evaluate(async () => void (await (await navigator.gpu.requestAdapter())?.requestDevice()));
for (const net of nets) console.log(JSON.stringify(await bench(net)));
await browser.close();
await server.close();

async function bench(net) {
  const at = {}; // engine -> {page, about, cold, warm}
  for (let round = 0; round < COLDS; round++) {
    for (const engine of engines) {
      const known = (at[engine] ??= { cold: [], warm: [] });
      if (known.missing) continue;
      const page = await blank();
      try {
        const { ms, about } = await page.evaluate(([e, n]) => cold(e, n), [engine, net]);
        known.cold.push(ms);
        known.about = about;
        if (round === COLDS - 1) known.page = page;
        else await page.context().close();
      } catch (error) {
        known.missing = error.message.split('\n')[0];
        console.error(`${net}: ${engine} left out: ${known.missing}`);
        await page.context().close();
      }
    }
  }
  const there = engines.filter((engine) => at[engine].page);
  for (let round = 0; round < ROUNDS; round++) {
    for (const engine of there) {
      const { page, warm } = at[engine];
      await page.bringToFront();
      const [first] = await page.evaluate(() => globalThis.warm(1));
      const [settle, runs] = first > SLOW_MS ? [0, 3] : [SETTLE - 1, RUNS];
      warm.push(...(await page.evaluate((n) => globalThis.warm(n), settle + runs)).slice(settle));
    }
  }
  const outputs = {};
  for (const engine of there) {
    outputs[engine] = await at[engine].page.evaluate(() => globalThis.outputs());
    await at[engine].page.context().close();
  }
  const gpu = {};
  for (const engine of there.filter((name) => !name.endsWith('wasm'))) gpu[engine] = await requests(engine, net);

  const warm = (engine) => median(at[engine]?.warm);
  const cold = (engine) => median(at[engine]?.cold);
  const off = (engine) => farthest(outputs[engine], outputs.ort_wasm);
  const about = at.ours?.about ?? {};
  const onnx = join(folder, `${net}.onnx`);
  const plan = join(folder, `${net}.plan`);
  const rounded = (n) => n === undefined ? undefined : Number(n.toPrecision(4));
  return {
    net,
    macs: about.macs,
    ours_ms: rounded(warm('ours')),
    ort_webgpu_ms: rounded(warm('ort_webgpu')),
    ort_webgpu_jspi_ms: rounded(warm('ort_webgpu_jspi')),
    ort_wasm_ms: rounded(warm('ort_wasm')),
    tract_wasm_ms: rounded(warm('tract_wasm')),
    warm_ratio_ort_webgpu: rounded(ratio(warm('ours'), warm('ort_webgpu'))),
    ours_cold_ms: rounded(cold('ours')),
    ort_webgpu_cold_ms: rounded(cold('ort_webgpu')),
    ort_webgpu_jspi_cold_ms: rounded(cold('ort_webgpu_jspi')),
    ort_wasm_cold_ms: rounded(cold('ort_wasm')),
    tract_wasm_cold_ms: rounded(cold('tract_wasm')),
    cold_ratio_ort_webgpu: rounded(ratio(cold('ours'), cold('ort_webgpu'))),
    dispatches: gpu.ours?.dispatches,
    submissions: gpu.ours?.submissions,
    pipelines: gpu.ours?.pipelines,
    bytes_moved: gpu.ours && gpu.ours.written + gpu.ours.read,
    ort_dispatches: gpu.ort_webgpu?.dispatches,
    ort_submissions: gpu.ort_webgpu?.submissions,
    ort_pipelines: gpu.ort_webgpu?.pipelines,
    ort_bytes_moved: gpu.ort_webgpu && gpu.ort_webgpu.written + gpu.ort_webgpu.read,
    code_bytes: code.ours,
    ort_code_bytes: code.ort_webgpu,
    ort_jspi_code_bytes: code.ort_webgpu_jspi,
    weights_bytes: about.weights_bytes,
    plan_bytes: existsSync(plan) ? statSync(plan).size : undefined,
    onnx_bytes: statSync(onnx).size,
    max_abs_difference: off('ours'),
    ort_webgpu_max_abs_difference: off('ort_webgpu'),
    tract_wasm_max_abs_difference: off('tract_wasm'),
    fastest_to_slowest_ms: Object.fromEntries(there.map((engine) => [engine, [Math.min, Math.max].map((end) => rounded(end(...at[engine].warm)))])),
  };
}

/** What one warm run asks of WebGPU, and how many pipelines were made until then. */
async function requests(engine, net) {
  const page = await blank(join(root, 'tests/browser/nn/count.js'));
  await page.evaluate(([e, n]) => cold(e, n), [engine, net]);
  await page.evaluate(() => globalThis.warm(1)); // the second run may still prepare something
  const { pipelines } = await page.evaluate(() => counted());
  await page.evaluate(() => globalThis.warm(1));
  const count = await page.evaluate(() => counted());
  await page.context().close();
  return { ...count, pipelines };
}

/** A page of its own context: nothing in its HTTP cache, no compiled code, no shaders. */
async function blank(script) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(600_000);
  if (script) await page.addInitScript({ path: script });
  await page.goto(server.url);
  return page;
}

/** Every file of a folder under a path, for `serve`. */
function mount(path, dir) {
  if (!existsSync(dir)) return {};
  return Object.fromEntries(readdirSync(dir, { recursive: true }).map((file) => [`${path}/${file}`, join(dir, file)]));
}

/** Bytes of files, as they are and by brotli 11. Of a rival's 27 MB that takes a minute, so it is written down. */
function sent(files) {
  const book = join(root, 'out/bench/brotli.json');
  const known = existsSync(book) ? JSON.parse(readFileSync(book, 'utf8')) : {};
  const sum = { raw: 0, brotli: 0 };
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    const key = `${basename(file)} ${size} ${mtimeMs}`;
    known[key] ??= brotliCompressSync(readFileSync(file), { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length;
    sum.raw += size;
    sum.brotli += known[key];
  }
  mkdirSync(join(root, 'out/bench'), { recursive: true });
  writeFileSync(book, JSON.stringify(known, null, 1));
  return sum;
}

function median(list) {
  return list?.length ? list.toSorted((a, b) => a - b)[list.length >> 1] : undefined;
}

function ratio(a, b) {
  return a && b ? a / b : undefined;
}

function farthest(a, b) {
  if (!a || !b) return undefined;
  if (a.length !== b.length) return `${a.length} values against ${b.length}`;
  return Number(a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0).toPrecision(3));
}
