// The worker owns everything heavy: the wasm, the GPU, the canvas and the encoders. The page sends requests
// {id, name, input}; each is answered once, with {id, output} or {id, error}. Requests run one after another,
// because the wasm side borrows its state while it awaits; only `cancel` and `lose` overtake.
import { chooseBackend, instead } from './worker/backend.js';
import { PictureCaptions } from './worker/captions.js';
import { fetchAll } from './worker/load.js';
import { lettering } from './worker/lettering.js';
import { codecs, film, turn, CANCELLED } from './worker/film.js';
import { record, silence } from './worker/recording.js';

const NETWORKS = ['face_detector', 'face_landmarks'];

let studio;
let screen; // what the page's canvas shows
let clip; // its sound, as `film` needs it
let cancelled = false;
let filming = new AbortController();
const pictureCaptions = new PictureCaptions();
let matteFile; // of the network that the page needs once there is a portrait
let matte; // that file, as it comes
let matted = false; // whether the studio has it
let lettered = null; // the title that they have, with the words of the clip on stage
let eye; // where the camera's pictures are read
let debugging = false; // whether tests may take the graphics card away
let openError = new Error('not open yet'); // why there is no studio

const requests = {
  async open({ canvas, asked, debug }) {
    debugging = debug;
    let backend = await chooseBackend(asked);
    try {
      studio = await open(backend);
    } catch (error) {
      if (asked || backend.backend === 'fallback') throw error;
      console.warn(error);
      backend = instead(backend);
      studio = await open(backend);
    }
    screen = studio.screen(canvas);
    return { adapter: JSON.parse(studio.adapter()), backend, codecs: await codecs(), expressions: JSON.parse(studio.expressions()) };
  },

  async photo({ bytes }) {
    fetchMatte().catch(() => {}); // while the faces are looked for; it is awaited later
    return JSON.parse(await studio.read_photo(bytes));
  },

  async singers({ photo, wanted, grouped, motions, longest }) {
    if (!matted) await takeMatte();
    return JSON.parse(await studio.add_singers(photo, JSON.stringify(wanted), grouped, JSON.stringify(motions), longest));
  },

  async release({ photos, singers }) {
    studio.release(Uint32Array.from(photos), Uint32Array.from(singers));
  },

  async stage({ cast, scene }) {
    studio.set_stage(JSON.stringify(cast), JSON.stringify(scene));
  },

  async places({ width, height }) {
    return JSON.parse(studio.places(width, height));
  },

  async song({ score, settings, chorus }) {
    cancelled = false;
    studio.begin_song(score, JSON.stringify(settings), JSON.stringify(chorus));
    let rested = performance.now();
    for (let done = 0; done < 1; done = studio.step_song()) {
      if (performance.now() - rested < 50) continue;
      postMessage({ event: 'following', done, total: 1, what: 'song' });
      await turn(); // lets `cancel` in
      if (cancelled) throw CANCELLED;
      rested = performance.now();
    }
    const info = JSON.parse(studio.end_song());
    return drivenBy({ kind: 'score', ...info, samples: studio.samples(), silent: false });
  },

  async recording({ chorus, ...wanted }) {
    cancelled = false;
    const driver = await record(studio, wanted, {
      progress: (done, total, what) => postMessage({ event: 'following', done, total, what }),
      cancelled: () => cancelled,
    });
    studio.share(JSON.stringify(chorus), wanted.seed);
    return drivenBy(driver);
  },

  /** A saved motion, with the sound that it had if that is still known. */
  async track({ bytes, title, sound, chorus, seed }) {
    const info = JSON.parse(studio.load_track(bytes));
    studio.share(JSON.stringify(chorus), seed);
    return drivenBy({ kind: 'track', title, notes: [], silent: !sound, ...info, ...(sound ?? silence(info.duration)) });
  },

  /** The same clip for another cast. */
  async share({ chorus, seed }) {
    studio.share(JSON.stringify(chorus), seed);
    return described();
  },

  async saved({ format }) {
    return format === 'csv' ? studio.track_csv() : studio.track_json();
  },

  async live({ bitmap, time, width, height }) {
    eye ??= new OffscreenCanvas(2, 2);
    Object.assign(eye, { width: bitmap.width, height: bitmap.height });
    const pen = eye.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
    pen.setTransform(-1, 0, 0, 1, eye.width, 0); // as in a mirror
    pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    const pixels = pen.getImageData(0, 0, eye.width, eye.height).data;
    const seen = await studio.follow(new Uint8Array(pixels.buffer), eye.width, eye.height, time);
    screen.resize(width, height);
    letter({}).show(studio, time, width, height);
    studio.render_live(screen, time);
    await studio.finished();
    return { seen };
  },

  async endLive() {
    studio.end_live();
  },

  async frame({ time, since, expression, width, height, ...lettering }) {
    screen.resize(width, height);
    letter(expression ? {} : lettering).show(studio, time, width, height, since);
    if (expression) studio.render_expression(screen, expression);
    else studio.render(screen, time);
    await studio.finished();
  },

  async refiner({ plan, on }) {
    studio.refine(on);
    if (plan) await studio.load_refiner(plan);
  },

  async profile() {
    return JSON.parse(await studio.profile());
  },

  async film({ captions, title, ...wanted }) {
    filming = new AbortController();
    return film(studio, clip, wanted, {
      captions: letter({ captions, title }),
      progress: (done, total) => postMessage({ event: 'filming', done, total }),
      signal: filming.signal,
    });
  },
};

/** The matte network's file, asked for once. */
const fetchMatte = () => (matte ??= fetchAll([matteFile], () => {}));

async function takeMatte() {
  try {
    await studio.load_matte((await fetchMatte())[0]);
    matted = true;
  } catch (error) {
    matte = undefined; // the next photo asks for it again
    throw error;
  }
}

/** Keeps a clip's sound for the film; the page gets its own copy. */
function drivenBy(driver) {
  clip = driver;
  return { ...driver, samples: driver.samples.slice(), ...described() };
}

/** What of the clip depends on who sings it. */
function described() {
  lettered = null;
  return { track: { words: JSON.parse(studio.words()) } };
}

/** What is to be written on frames. @param {{captions?: boolean, title?: string}} wanted */
function letter({ captions = false, title = '' }) {
  if (lettered !== title) {
    pictureCaptions.load({ words: JSON.parse(studio.words()), lyrics: clip?.lyrics, title });
    lettered = title;
  }
  Object.assign(pictureCaptions.style, { captions, title: Boolean(title) });
  if (pictureCaptions.shown) dress();
  return pictureCaptions;
}

let dressing = null;
/** Fetches the page's letters when something is written for the first time; the device's stand until they are there. */
function dress() {
  dressing ??= lettering.ready().then(() => postMessage({ event: 'lettered' }));
}

/** @returns {Promise<object>} the studio of one backend, its files fetched */
async function open({ pkg, networks, drawing }) {
  const report = (part) => postMessage({ event: 'loading', part });
  const models = [...NETWORKS.map((name) => `models/${name}.${networks}`), 'models/head.safetensors'];
  // The wasm's glue is imported here and not above, so that a missing file is reported and not silent.
  const [{ default: init, Models, Studio }, [wasm, ...bytes]] = await Promise.all([
    import(`./${pkg}/portraoke.js`),
    fetchAll([`${pkg}/portraoke_bg.wasm`, ...models], report),
  ]);
  await init({ module_or_path: wasm });
  matteFile = `models/person_matte.${networks}`;
  const lost = () => postMessage({ event: 'gpu-lost' });
  if (drawing === 'webgpu') return Studio.create(new Models(...bytes), navigator.gpu.getPreferredCanvasFormat(), undefined, lost);
  // WebGL draws on a canvas of its own; what the page and the film show are copies.
  const easel = new OffscreenCanvas(2, 2);
  easel.addEventListener('webglcontextlost', lost);
  return Studio.create(new Models(...bytes), 'rgba8unorm', easel, lost);
}

/** Takes the graphics card away, for tests. */
function lose() {
  try {
    studio.lose();
  } catch {
    // The studio is at work and cannot be touched: the page hears of the loss all the same.
  }
  postMessage({ event: 'gpu-lost' });
}

let queue = Promise.resolve();
self.onmessage = ({ data: { id, name, input } }) => {
  if (name === 'cancel') {
    cancelled = true;
    filming.abort();
    return;
  }
  if (name === 'lose') return debugging && lose();
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
