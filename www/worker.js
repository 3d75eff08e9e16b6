// The worker owns everything heavy: the wasm, the GPU, the canvas and the encoders. The page sends requests
// {id, name, input}; each is answered once, with {id, output} or {id, error}. Requests run one after another,
// because the wasm side borrows its state while it awaits; only `cancel` overtakes.
import { fetchAll } from './worker/load.js';
import { words } from './js/words.js';
import { codecs, film, CANCELLED } from './worker/film.js';

const MODELS = ['face_detector.onnx', 'face_landmarks.onnx', 'person_matte.onnx', 'head.safetensors'];

let studio;
let screen; // what the page's canvas shows
let song;
let cancelled = false;
let openError = new Error('not open yet'); // why there is no studio

const requests = {
  async open({ canvas }) {
    // `navigator.gpu` may be there without any adapter behind it: a blocked driver, a remote desktop.
    if (!(await navigator.gpu?.requestAdapter())) throw new Error(words.noWebGpu);
    const report = (part) => postMessage({ event: 'loading', part });
    // The wasm's glue is imported here and not above, so that a missing file is reported and not silent.
    const [{ default: init, Models, Studio }, files] = await Promise.all([
      import('./pkg/portraoke.js'),
      fetchAll(['pkg/portraoke_bg.wasm', ...MODELS.map((name) => `models/${name}`)], report),
    ]);
    const [wasm, face_detector, face_landmarks, person_matte, head] = files;
    await init({ module_or_path: wasm });
    const models = new Models(face_detector, face_landmarks, person_matte, head);
    const format = navigator.gpu.getPreferredCanvasFormat();
    studio = await Studio.create(models, format, () => postMessage({ event: 'gpu-lost' }));
    screen = studio.screen(canvas);
    return { adapter: JSON.parse(studio.adapter()), codecs: await codecs() };
  },

  async portrait({ bytes }) {
    return JSON.parse(await studio.load_portrait(bytes));
  },

  async face({ index }) {
    return JSON.parse(await studio.choose_face(index));
  },

  async song({ score, lyrics, seed }) {
    const info = JSON.parse(await studio.load_song(score, lyrics, seed));
    const samples = studio.samples();
    song = { ...info, samples };
    return { ...info, samples: samples.slice(), track: JSON.parse(studio.track_json()) };
  },

  async frame({ time, width, height }) {
    screen.resize(width, height);
    studio.render(screen, time);
    await studio.finished();
  },

  async film({ format, width, height, fps }) {
    cancelled = false;
    return film(studio, song, { format, width, height, fps }, {
      progress: (done, total) => postMessage({ event: 'filming', done, total }),
      cancelled: () => cancelled,
    });
  },
};

let queue = Promise.resolve();
self.onmessage = ({ data: { id, name, input } }) => {
  if (name === 'cancel') {
    cancelled = true;
    return;
  }
  queue = queue.then(async () => {
    try {
      if (name !== 'open' && !studio) throw openError;
      const output = await requests[name](input);
      postMessage({ id, output }, output?.samples ? [output.samples.buffer] : []);
    } catch (error) {
      if (name === 'open') openError = error;
      // A trap leaves the wasm's memory in an unknown state: the page must start a new worker.
      const broken = error instanceof WebAssembly.RuntimeError;
      if (broken) console.error(error);
      postMessage({ id, error: error?.message ?? String(error), broken, cancelled: error === CANCELLED });
    }
  });
};

// A panic inside an awaited wasm future traps without settling its promise; this is where it shows.
self.addEventListener('error', (event) => postMessage({ event: 'broken', message: event.message }));
self.addEventListener('unhandledrejection', (event) => postMessage({ event: 'broken', message: String(event.reason) }));
