// What can be taken home, and what each format asks of the browser. Plain data: page and worker read the same table.

/**
 * `kind`: what comes out: a film with sound, an animation without, one still, or the sound alone.
 * `video`, `audio`: codecs (mediabunny's names) in the order of preference.
 * `most`: limits. GIF has 256 colours and no compression between pictures worth the name, so a long or large one is
 * tens of megabytes that no messenger takes; animated WebP is some five times smaller.
 */
export const FORMATS = {
  mp4: { kind: 'film', type: 'video/mp4', extension: 'mp4', video: ['avc'], audio: ['aac', 'opus'] },
  'mp4-av1': { kind: 'film', type: 'video/mp4', extension: 'mp4', video: ['av1'], audio: ['aac', 'opus'] },
  webm: { kind: 'film', type: 'video/webm', extension: 'webm', video: ['vp9', 'vp8'], audio: ['opus'] },
  'webm-av1': { kind: 'film', type: 'video/webm', extension: 'webm', video: ['av1'], audio: ['opus'] },
  webp: { kind: 'animation', type: 'image/webp', extension: 'webp', most: { short: 720, fps: 30, seconds: 30 } },
  gif: { kind: 'animation', type: 'image/gif', extension: 'gif', most: { short: 480, fps: 20, seconds: 15 } },
  png: { kind: 'still', type: 'image/png', extension: 'png' },
  m4a: { kind: 'sound', type: 'audio/mp4', extension: 'm4a', audio: ['aac'] },
  ogg: { kind: 'sound', type: 'audio/ogg', extension: 'ogg', audio: ['opus'] },
  wav: { kind: 'sound', type: 'audio/wav', extension: 'wav', audio: ['pcm-s16'] },
};

export const AUDIO_BITRATE = 128_000;

const VIDEO = { avc: 'avc1.42001f', av1: 'av01.0.04M.08', vp9: 'vp09.00.31.08', vp8: 'vp8' };
const AUDIO = { aac: 'mp4a.40.2', opus: 'opus' };

/**
 * Which encoders this browser has. Asked before anything is promised: a file must never come out silent.
 * @returns {Promise<Object<string, boolean>>} by mediabunny's codec names; `webp`: whether it writes WebP pictures
 */
export async function codecs() {
  const asked = (Encoder, config) =>
    Encoder ? Encoder.isConfigSupported(config).then(({ supported }) => supported === true, () => false) : false;
  const able = {
    'pcm-s16': true, // needs no encoder
    webp: canvasWritesWebP(),
    ...each(VIDEO, (codec) => asked(globalThis.VideoEncoder, { codec, width: 640, height: 640, bitrate: 2e6, framerate: 30 })),
    ...each(AUDIO, (codec) =>
      asked(globalThis.AudioEncoder, { codec, sampleRate: 48000, numberOfChannels: 2, bitrate: AUDIO_BITRATE })),
  };
  return Object.fromEntries(await Promise.all(Object.entries(able).map(async ([name, value]) => [name, await value])));
}

const each = (list, ask) => Object.fromEntries(Object.entries(list).map(([name, codec]) => [name, ask(codec)]));

/** A browser that cannot write WebP (Safari) answers with a PNG instead of an error. */
async function canvasWritesWebP() {
  const canvas = new OffscreenCanvas(1, 1);
  canvas.getContext('2d');
  const { type } = await canvas.convertToBlob({ type: 'image/webp' });
  return type === 'image/webp';
}

/** Whether a browser with these `codecs` can write a format. */
export function writes(format, codecs) {
  const { video, audio } = FORMATS[format];
  const one = (list) => !list || list.some((codec) => codecs[codec]);
  return one(video) && one(audio) && (format !== 'webp' || codecs.webp);
}

/**
 * What of a wish a format can fulfil: size, rate and length within its limits.
 * @template {{format: string, width: number, height: number, fps: number, from: number, to: number}} Wish
 * @param {Wish} wish @returns {Wish}
 */
export function limited(wish) {
  const { most } = FORMATS[wish.format];
  if (!most) return wish;
  const scale = Math.min(1, most.short / Math.min(wish.width, wish.height));
  return {
    ...wish,
    ...evenly(wish, scale),
    fps: Math.min(most.fps, wish.fps),
    to: Math.min(wish.to, wish.from + most.seconds),
  };
}

/** Even sides, as H.264 wants them. */
export function evenly({ width, height }, scale = 1) {
  const even = (x) => Math.max(2, Math.round((x * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}
