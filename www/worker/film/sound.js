// The sound: beside a film's pictures, or alone.
import { AUDIO_BITRATE, FORMATS } from './formats.js';

const FADE = 0.01; // seconds; a cut in the middle of a wave would click

/** The part [from, to) of a song, handed out piece by piece and faded where it is cut. */
export class Cut {
  #media;
  #song;
  #first;
  #last;
  #at;

  constructor(media, song, { from, to }) {
    this.#media = media;
    this.#song = song;
    const rate = song.sample_rate;
    this.#first = Math.round(from * rate);
    this.#last = Math.min(Math.round(to * rate), song.samples.length / song.channels);
    this.#at = this.#first;
  }

  /** Seconds from the cut's start that were handed out. */
  get heard() {
    return (this.#at - this.#first) / this.#song.sample_rate;
  }

  get left() {
    return (this.#last - this.#at) / this.#song.sample_rate;
  }

  /** Adds what follows, up to `until` seconds from the cut's start, to `source`. */
  async pass(source, until) {
    const { samples, channels, sample_rate: rate } = this.#song;
    const length = samples.length / channels;
    const end = Math.min(this.#last, this.#first + Math.round(until * rate));
    const n = end - this.#at;
    if (n <= 0) return;
    const data = new Float32Array(n * channels);
    for (let c = 0; c < channels; c++) {
      const piece = data.subarray(c * n, (c + 1) * n);
      piece.set(samples.subarray(c * length + this.#at, c * length + end));
      this.#fade(piece, length);
    }
    const timestamp = this.heard;
    this.#at = end;
    const sample = new this.#media.AudioSample({ data, format: 'f32-planar', numberOfChannels: channels, sampleRate: rate, timestamp });
    try {
      await source.add(sample);
    } finally {
      sample.close();
    }
  }

  #fade(piece, length) {
    const fade = Math.min(Math.round(FADE * this.#song.sample_rate), (this.#last - this.#first) >> 1);
    const [from, to] = [this.#at, this.#at + piece.length];
    if (this.#first > 0) for (let i = from; i < Math.min(to, this.#first + fade); i++) piece[i - from] *= (i - this.#first) / fade;
    if (this.#last < length) for (let i = Math.max(from, this.#last - fade); i < to; i++) piece[i - from] *= (this.#last - 1 - i) / fade;
  }
}

/** An encoder's source for a format's sound, or a sentence saying why there is none. */
export async function soundSource(media, song, format) {
  const { audio } = FORMATS[format];
  // Encoders know the usual rates only.
  const kept = song.sample_rate === 48000 || (song.sample_rate === 44100 && audio[0] !== 'opus');
  const codec = await media.getFirstEncodableAudioCodec(audio, {
    numberOfChannels: song.channels,
    sampleRate: kept ? song.sample_rate : 48000,
    ...(audio[0] === 'pcm-s16' ? {} : { bitrate: AUDIO_BITRATE }),
  });
  if (!codec) throw new Error('This browser cannot write sound, and a silent video would be no song: please use Chrome, Edge or Safari 26.');
  const resampled = codec === 'pcm-s16' || song.sample_rate === 48000 || (song.sample_rate === 44100 && codec === 'aac');
  const transform = resampled ? undefined : { sampleRate: 48000 };
  return { codec, source: new media.AudioSampleSource({ codec, ...(codec === 'pcm-s16' ? {} : { bitrate: AUDIO_BITRATE }), transform }) };
}

/** Writes the sound alone. */
export async function sound(_, song, wanted, { progress, cancel }) {
  if (song.silent) throw new Error('This clip has no sound to take home: choose a song, or a picture format.');
  const media = await import('../../vendor/mediabunny.min.mjs');
  const { codec, source } = await soundSource(media, song, wanted.format);
  const containers = { m4a: () => new media.Mp4OutputFormat({ fastStart: 'in-memory' }), ogg: () => new media.OggOutputFormat(), wav: () => new media.WavOutputFormat() };
  const output = new media.Output({ format: containers[wanted.format](), target: new media.BufferTarget() });
  output.addAudioTrack(source);
  output.setMetadataTags({
    title: song.title,
    ...(song.kind === 'score' && { comment: 'AI generated: a synthetic voice, made with Portraoke.' }),
  });
  try {
    await output.start();
    const cut = new Cut(media, song, wanted);
    const whole = cut.left;
    while (cut.left > 0) {
      await cancel.wait(cut.pass(source, cut.heard + 1));
      progress(cut.heard, whole);
      await cancel.turn();
    }
    await cancel.wait(output.finalize());
  } catch (error) {
    output.cancel().catch(() => {});
    throw error;
  }
  return { bytes: output.target.buffer, audio: codec };
}
