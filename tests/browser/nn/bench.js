// What bench_nn.mjs calls in the page. A classic script, so that it is there when the page has loaded.
let open;
let input;

/** From nothing to the first output values on the CPU: `{ms, about}`. */
globalThis.cold = async (engine, net) => {
  const { ENGINES, size, wave } = await import('./engines.js'); // ours to load, not the engine's: before the clock
  const begun = performance.now();
  open = await ENGINES[engine](net);
  input = wave(open.about.inputs.reduce((sum, { shape }) => sum + size(shape), 0));
  await open.run(input);
  return { ms: performance.now() - begun, about: open.about };
};

/** Milliseconds of single runs: values up, the network, values back. */
globalThis.warm = async (times) => {
  const taken = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await open.run(input);
    taken.push(performance.now() - begun);
  }
  return taken;
};

globalThis.outputs = async () => Array.from(await open.run(input));
