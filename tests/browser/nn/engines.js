// Four ways to run one network in a page. Each `open` fetches its own code and the network side by side, as a page
// in a hurry would, and gives `{about, run}`; `run` takes all inputs in one Float32Array and gives all outputs in one.
// No engine's code is imported before its `open`: fetching and compiling it is part of a cold start.

/** What every input holds: no file, and the same in Rust and Python. */
export function wave(length) {
  return Float32Array.from({ length }, (_, i) => 0.8 * Math.sin(0.37 * i + 0.11 * (i % 97)));
}

export const size = (shape) => shape.reduce((product, n) => product * n, 1);

async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {string} build file of onnxruntime-web @param {string} provider its name for the thing that computes */
function onnxruntime(build, provider) {
  return async (net) => {
    const [ort, model] = await Promise.all([import(`/ort/${build}`), bytes(`/nets/${net}.onnx`)]);
    ort.env.wasm.numThreads = 1; // more need headers that a static host does not send
    ort.env.wasm.wasmPaths = '/ort/';
    const session = await ort.InferenceSession.create(model, { executionProviders: [provider], graphOptimizationLevel: 'all' });
    const inputs = session.inputMetadata.map(({ name, shape }) => ({ name, shape }));
    return {
      about: { inputs, outputs: session.outputNames.map((name) => ({ name })) },
      async run(input) {
        const feeds = {};
        let at = 0;
        for (const { name, shape } of inputs) feeds[name] = new ort.Tensor('float32', input.subarray(at, (at += size(shape))), shape);
        const outputs = await session.run(feeds);
        return joined(session.outputNames.map((name) => outputs[name].data));
      },
    };
  };
}

/** Ours. @param {string} folder of the package @param {string} ending of the file that it opens */
function portraoke(folder, ending) {
  return async (net) => {
    const [{ NeuralNetwork }, file] = await Promise.all([
      import(`/${folder}/portraoke.js`).then(async (module) => (await module.default(), module)),
      bytes(`/nets/${net}.${ending}`),
    ]);
    if (!NeuralNetwork) throw new Error(`missing: ${folder} exports no NeuralNetwork`);
    const network = await NeuralNetwork.open(file, net);
    return { about: JSON.parse(network.describe()), run: (input) => network.run(input) };
  };
}

function joined(arrays) {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

export const ENGINES = {
  ours: portraoke('pkg', 'plan'),
  tract_wasm: portraoke('pkg-fallback', 'onnx'),
  ort_webgpu: onnxruntime('ort.webgpu.bundle.min.mjs', 'webgpu'),
  // The same engine, for browsers with JSPI: a smaller wasm. The harder rival where it runs.
  ort_webgpu_jspi: onnxruntime('ort.jspi.bundle.min.mjs', 'webgpu'),
  ort_wasm: onnxruntime('ort.wasm.bundle.min.mjs', 'wasm'),
};
