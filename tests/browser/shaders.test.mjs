// The browser's own compiler accepts every kernel: the Rust tests run them through another one (naga), and the two do
// not agree on everything. (Those in half precision it compiles only where the adapter has that; the npm package `webgpu`,
// Dawn for node, has an adapter `backend=null` that does: it took them all when they were written.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { stand } from './stand.mjs';

const root = resolve(import.meta.dirname, '../..');
const cases = join(root, 'tests/nn/cases');
const tool = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/portraoke');

/** The ONNX files in one of the tables of cases: the safetensors format is a length, a JSON header and bytes. */
function* networks(path) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  for (const [name, { data_offsets: offsets }] of Object.entries(JSON.parse(bytes.subarray(8, start)))) {
    if (name.endsWith('/onnx')) yield [name.replaceAll('/', '_'), bytes.subarray(start + offsets[0], start + offsets[1])];
  }
}

test('the browser compiles every kernel', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portraoke-shaders-'));
  const files = readdirSync(join(root, 'models')).filter((file) => file.endsWith('.onnx')).map((file) => join(root, 'models', file));
  for (const table of readdirSync(cases).filter((file) => file.endsWith('.safetensors') && file !== 'refused.safetensors')) {
    for (const [name, onnx] of networks(join(cases, table))) {
      files.push(join(folder, `${table}_${name}.onnx`));
      writeFileSync(files.at(-1), onnx);
    }
  }
  // What tract says of the files that it cannot read is of no interest here.
  const shaders = JSON.parse(execFileSync(tool, ['plan', 'shaders', ...files], { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] }));
  rmSync(folder, { recursive: true });
  assert.ok(shaders.length > 200, `${shaders.length} kernels`);

  const place = await stand();
  const { page } = await place.open();
  const { errors, compiled } = await page.evaluate(async (texts) => {
    const adapter = await navigator.gpu.requestAdapter();
    const half = adapter.features.has('shader-f16');
    const device = await adapter.requestDevice({ requiredFeatures: half ? ['shader-f16'] : [] });
    const own = texts.filter((text) => half || !text.startsWith('enable f16;'));
    const told = await Promise.all(own.map(async (code) => (await device.createShaderModule({ code }).getCompilationInfo()).messages));
    const errors = told.flat().filter(({ type }) => type === 'error').map(({ message }) => message);
    return { errors, compiled: own.length };
  }, shaders);
  await place.close();
  assert.deepEqual(errors, []);
  console.log(`# ${compiled} of ${shaders.length} kernels compiled; the others need half precision, which this adapter lacks`);
});
