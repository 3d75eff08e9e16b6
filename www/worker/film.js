// Takes home what is on stage: a film, an animation, a still or the sound alone (`film/`, a file each). The clock is
// the number of the frame: frame k shows the time from + k / fps exactly, whatever the speed of the machine, so the
// same file's frames come out each time, in a hidden tab too.
import { animation } from './film/animation.js';
import { Cancel, CANCELLED, turn } from './film/cancel.js';
import { Easel } from './film/easel.js';
import { FORMATS, codecs, limited } from './film/formats.js';
import { lettering } from './lettering.js';
import { moving } from './film/moving.js';
import { sound } from './film/sound.js';
import { still } from './film/still.js';

export { CANCELLED, codecs, turn };

const MAKERS = { film: moving, animation, still, sound };

/**
 * @typedef {object} Wanted
 * @property {string} format a key of FORMATS
 * @property {number} width even, pixels @property {number} height even, pixels
 * @property {number} fps
 * @property {number} [from] where to cut, seconds of the clip @property {number} [to]
 * @property {number} [time] the moment of a still, and of a film's cover picture
 *
 * @typedef {object} Song
 * @property {string} title @property {string} kind @property {Float32Array} samples one channel after the other
 * @property {number} sample_rate @property {number} channels @property {boolean} [silent]
 *
 * @param {import('../pkg/portraoke.js').Studio} studio with a portrait and a clip loaded
 * @param {Song} song
 * @param {Wanted} wanted
 * @param {{progress: (done: number, total: number) => void, signal: AbortSignal,
 *   captions?: import('./captions.js').PictureCaptions}} hooks `captions` go on every frame
 * @returns {Promise<{blob: Blob, kind: string, extension: string, video: string|null, audio: string|null,
 *   frames: number, width: number, height: number, seconds: number}>}
 * @throws CANCELLED, at once, when the signal aborts
 */
export async function film(studio, song, wanted, { progress, signal, captions }) {
  const { kind, type, extension } = FORMATS[wanted.format];
  const wish = limited(trimmed(song, wanted));
  const cancel = new Cancel(signal);
  let easel = null;
  try {
    if (captions?.shown) await lettering.ready(); // the same letters in every frame
    if (kind !== 'sound') easel = new Easel(studio, wish, captions);
    const { bytes, video = null, audio = null, frames = 0 } = await MAKERS[kind](easel, song, wish, { progress, cancel });
    const { width, height } = easel ? wish : { width: 0, height: 0 };
    return { blob: new Blob([bytes], { type }), kind, extension, video, audio, frames, width, height, seconds: wish.to - wish.from };
  } finally {
    cancel.end();
    easel?.free();
  }
}

/** The wish with its cuts inside the clip; a cut that leaves nothing leaves the whole. */
function trimmed(song, wanted) {
  const end = song.samples.length / song.channels / song.sample_rate;
  const within = (value, otherwise) => (Number.isFinite(value) ? Math.min(end, Math.max(0, value)) : otherwise);
  let [from, to] = [within(wanted.from, 0), within(wanted.to, end)];
  if (to - from < 1 / wanted.fps) [from, to] = [0, end];
  // Nobody chose a moment: a third into the clip somebody usually sings.
  return { ...wanted, from, to, time: within(wanted.time, from + (to - from) / 3) };
}
