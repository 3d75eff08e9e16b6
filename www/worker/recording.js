// The visitor's own recordings: sound as samples, a film's pictures with their exact times. The browser decodes, mediabunny
// finds its way in the file, the studio listens and looks.
import { CANCELLED, turn } from './film.js';

/** What is taken on, seconds: memory holds the samples, and following a face takes a while. */
export const LONGEST = { sound: 600, film: 180 };
const SIDE = 720; // pixels of a film's longer side when its face is read
const SHORTEST_GAP = 1 / 35; // seconds between frames that are read: lips need no 60 a second
const SILENT_RATE = 8000; // samples a second of a film without sound
const THUMB = 96; // pixels of the pictures among which a face is chosen

/**
 * Opens a recording and drives the portrait by it: by a film's face, or by a sound's voice.
 * @param {import('../pkg/portraoke.js').Studio} studio
 * @param {{file: Blob, name: string, at?: {x: number, y: number}, mirrored?: boolean, seed: number, expressiveness?: number}} wanted
 * `at`: which face of a film; `mirrored`: its pictures are to be seen as in a mirror
 * @param {{progress: (done: number, total: number, what: 'sound'|'film') => void, cancelled: () => boolean}} hooks
 * @returns {Promise<object>} `{kind, title, duration, samples, sample_rate, channels, silent, notes, faces?}`
 */
export async function record(studio, { file, name, at, mirrored, seed, expressiveness }, hooks) {
  const media = await import('../vendor/mediabunny.min.mjs');
  const input = new media.Input({ source: new media.BlobSource(file), formats: media.ALL_FORMATS });
  try {
    const [video, audio] = await tracks(input, name);
    if (!video && !audio) throw new Error(`${name} holds neither sound nor pictures that this browser can play: choose a song, a speech or a video of a face.`);
    const kind = video ? 'film' : 'sound';
    const stated = await input.getDurationFromMetadata().catch(() => null);
    const seconds = await length(input, name, stated);
    if (seconds > LONGEST[kind]) throw new Error(tooLong(name, kind, seconds));
    const notes = [];
    if (stated - seconds > 1) notes.push(`The file was cut off: ${Math.round(seconds)} of ${Math.round(stated)} s are there.`);
    const heard = audio ? await decodeSound(media, audio, name, seconds, notes, hooks, !video) : null;
    const title = name.replace(/\.[^.]{1,5}$/, '');
    if (!video) {
      const listened = JSON.parse(studio.listen(heard.samples, heard.channels, heard.sample_rate, JSON.stringify({ seed, expressiveness })));
      return { kind, title, ...heard, ...listened, notes: [...notes, ...listened.notes], silent: false };
    }
    const followed = await follow(studio, media, video, { name, seconds, at, mirrored }, notes, hooks);
    const silent = !heard;
    if (silent) notes.push('The video has no sound: yours will be silent too.');
    return { kind, title, ...(heard ?? silence(followed.duration)), ...followed, notes, silent };
  } finally {
    input.dispose?.();
  }
}

/** A clip's worth of silence: the player's clock. */
export function silence(seconds) {
  return { samples: new Float32Array(Math.max(1, Math.ceil(seconds * SILENT_RATE))), sample_rate: SILENT_RATE, channels: 1 };
}

async function tracks(input, name) {
  try {
    return [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  } catch (error) {
    console.warn(error);
    throw new Error(`${name} cannot be opened: choose a score (MusicXML), sound (MP3, M4A, OGG, WAV, FLAC), a video (MP4, MOV, WebM) or a saved motion track.`);
  }
}

/** Seconds that can be played; `stated` is what the file says of itself, which it keeps when its end is cut off. */
async function length(input, name, stated) {
  const seconds = await input.computeDuration().catch(() => stated);
  if (!(seconds > 0)) throw new Error(`${name} is damaged: nothing in it can be played.`);
  return seconds;
}

function tooLong(name, kind, seconds) {
  const [length, longest] = [Math.ceil(seconds), LONGEST[kind]];
  return kind === 'film'
    ? `${name} lasts ${length} s, and ${longest} s of video is the most: cut it shorter.`
    : `${name} lasts ${length} s, and ${longest} s of sound is the most: cut it shorter.`;
}

async function decodeSound(media, track, name, seconds, notes, { progress, cancelled }, isNeeded) {
  if (!(await track.canDecode())) {
    const codec = track.codec ?? 'of an unknown kind';
    if (isNeeded) throw new Error(`This browser cannot play the sound of ${name} (${codec}): save it as MP3 or WAV.`);
    notes.push(`This browser cannot play the sound of ${name} (${codec}): the video will be silent.`);
    return null;
  }
  const rate = track.sampleRate;
  const channels = Math.min(2, track.numberOfChannels);
  const count = Math.ceil(seconds * rate);
  const samples = new Float32Array(channels * count);
  let end = 0;
  try {
    for await (const sample of new media.AudioSampleSink(track).samples()) {
      try {
        if (cancelled()) throw CANCELLED;
        const start = Math.round(sample.timestamp * rate);
        const skip = Math.max(0, -start); // encoders' priming lies before the start
        const frames = Math.min(sample.numberOfFrames - skip, count - (start + skip));
        for (let c = 0; c < channels && frames > 0; c++) {
          const from = c * count + start + skip;
          sample.copyTo(samples.subarray(from, from + frames), { planeIndex: c, format: 'f32-planar', frameOffset: skip, frameCount: frames });
        }
        end = Math.max(end, start + skip + Math.max(0, frames));
        progress(sample.timestamp, seconds, 'sound');
      } finally {
        sample.close();
      }
    }
  } catch (error) {
    if (error === CANCELLED) throw error;
    console.warn(error);
    if (isNeeded && end < rate) throw new Error(`${name} is damaged: its sound breaks off at once.`);
    notes.push(`The sound is damaged and breaks off after ${Math.round(end / rate)} s.`);
  }
  return { samples, sample_rate: rate, channels };
}

async function follow(studio, media, track, { name, seconds, at, mirrored }, notes, { progress, cancelled }) {
  if (!(await track.canDecode())) {
    const codec = track.codec ?? 'of an unknown kind';
    throw new Error(`This browser cannot play the pictures of ${name} (${codec}): save it as MP4 with H.264.`);
  }
  const scale = Math.min(1, SIDE / Math.max(track.displayWidth, track.displayHeight));
  const [width, height] = [track.displayWidth, track.displayHeight].map((side) => Math.max(1, Math.round(side * scale)));
  // Turned upright as the file says, and brought to sRGB.
  const sink = new media.CanvasSink(track, { width, height, fit: 'fill', poolSize: 2 });
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  if (mirrored) pen.setTransform(-1, 0, 0, 1, width, 0);
  let faces = null;
  let last = -1;
  studio.begin_film(at?.x, at?.y);
  try {
    for await (const { canvas: picture, timestamp } of sink.canvases()) {
      if (cancelled()) throw CANCELLED;
      if (timestamp < 0 || timestamp - last < SHORTEST_GAP) continue;
      last = timestamp;
      pen.drawImage(picture, 0, 0);
      const pixels = () => new Uint8Array(pen.getImageData(0, 0, width, height).data.buffer);
      const seen = await studio.add_frame(pixels(), width, height, timestamp);
      if (seen && !faces) faces = await several(canvas, JSON.parse(await studio.faces_in(pixels(), width, height)));
      progress(timestamp, seconds, 'film');
      await turn();
    }
  } catch (error) {
    if (error === CANCELLED || last < 1) throw error;
    console.warn(error);
    notes.push(`The video is damaged and breaks off after ${Math.round(last)} s.`);
  }
  const { seen, ...followed } = JSON.parse(studio.end_film());
  if (seen < 0.9) notes.push(`The face is seen in ${Math.round(100 * seen)} % of the video: where it is lost, the portrait rests.`);
  return { ...followed, faces: faces ?? [] };
}

/** The faces of a frame as small pictures, where there is a choice. */
async function several(canvas, boxes) {
  if (boxes.length < 2) return [];
  const small = new OffscreenCanvas(THUMB, THUMB);
  const pen = small.getContext('2d');
  const faces = [];
  for (const { x, y, width, height } of boxes.slice(0, 9)) {
    const side = 1.5 * Math.max(width, height);
    const [cx, cy] = [x + width / 2, y + height / 2];
    pen.clearRect(0, 0, THUMB, THUMB);
    pen.drawImage(canvas, cx - side / 2, cy - side / 2, side, side, 0, 0, THUMB, THUMB);
    faces.push({ x: cx, y: cy, picture: await small.convertToBlob({ type: 'image/jpeg', quality: 0.85 }) });
  }
  return faces;
}
