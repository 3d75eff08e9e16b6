// Renders every frame of the clip and writes the video file. The clock is the sample index of its sound: frame k
// shows the time k / fps exactly, whatever the speed of the machine, so the same film comes out each time.

/** What `film` throws when the visitor cancelled. */
export const CANCELLED = new Error('cancelled');

const AUDIO_BITRATE = 128_000;

/** Which encoders this browser has. Asked before anything is promised: a file must never come out silent. */
export async function codecs() {
  const video = async (codec) =>
    !!globalThis.VideoEncoder &&
    (await VideoEncoder.isConfigSupported({ codec, width: 640, height: 640, bitrate: 2e6, framerate: 30 }).catch(() => ({})))
      .supported === true;
  const audio = async (codec) =>
    !!globalThis.AudioEncoder &&
    (await AudioEncoder.isConfigSupported({ codec, sampleRate: 48000, numberOfChannels: 2, bitrate: AUDIO_BITRATE }).catch(() => ({})))
      .supported === true;
  const [avc, vp9, aac, opus] = await Promise.all([video('avc1.42001f'), video('vp09.00.31.08'), audio('mp4a.40.2'), audio('opus')]);
  return { avc, vp9, aac, opus };
}

/**
 * @param {import('../pkg/portraoke.js').Studio} studio with a portrait and a clip loaded
 * @param {{title: string, kind: string, samples: Float32Array, sample_rate: number, channels: number, silent?: boolean}} song
 * @param {{format: 'mp4'|'webm', width: number, height: number, fps: number}} wanted even width and height
 * @param {{progress: (done: number, total: number) => void, cancelled: () => boolean}} hooks
 * @returns {Promise<{blob: Blob, video: string, audio: string|null, frames: number, width: number, height: number}>}
 */
export async function film(studio, song, wanted, { progress, cancelled }) {
  const { width, height, fps } = wanted;
  // 0.7 MB that only a visitor who makes a video downloads. Workers have no import map, hence the path.
  const media = await import('../vendor/mediabunny.min.mjs');
  const { video, audio } = await choose(media, song, wanted);

  const output = new media.Output({
    format: wanted.format === 'mp4' ? new media.Mp4OutputFormat({ fastStart: 'in-memory' }) : new media.WebMOutputFormat(),
    target: new media.BufferTarget(),
  });
  const pictures = new media.VideoSampleSource({ ...video, quality: media.QUALITY_HIGH, keyFrameInterval: 2 });
  // Encoders know the usual rates only.
  const transform = audio && !(song.sample_rate === 48000 || (song.sample_rate === 44100 && audio === 'aac')) ? { sampleRate: 48000 } : undefined;
  const sound = audio && new media.AudioSampleSource({ codec: audio, bitrate: AUDIO_BITRATE, transform });
  output.addVideoTrack(pictures, { frameRate: fps });
  if (sound) output.addAudioTrack(sound);
  output.setMetadataTags({
    title: song.title,
    comment: `AI generated: an animated photograph${song.kind === 'score' ? ' with a synthetic voice' : ''}, made with Portraoke.`,
  });
  await output.start();

  // Its own canvas, so that the picture on the page stays as it is and a hidden tab changes nothing.
  const canvas = new OffscreenCanvas(width, height);
  const screen = studio.screen(canvas);
  const length = song.samples.length / song.channels;
  const frames = Math.ceil((length / song.sample_rate) * fps);
  try {
    let heard = 0;
    for (let k = 0; k < frames; k++) {
      if (cancelled()) throw CANCELLED;
      studio.render(screen, k / fps);
      const frame = new VideoFrame(canvas, { timestamp: Math.round((k * 1e6) / fps), duration: Math.round(1e6 / fps), alpha: 'discard' });
      const sample = new media.VideoSample(frame);
      await pictures.add(sample); // waits while the encoder is behind
      sample.close();
      // Sound goes in beside the pictures it belongs to, so that neither waits in memory for the other.
      const last = k === frames - 1;
      const until = last ? length : Math.round(((k + 1) / fps) * song.sample_rate);
      if (sound && (last || until - heard >= song.sample_rate / 2)) {
        const piece = cut(media, song, heard, until);
        await sound.add(piece);
        piece.close();
        heard = until;
      }
      progress(k + 1, frames);
      await turn();
    }
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => {});
    throw error;
  } finally {
    screen.free();
  }
  const blob = new Blob([output.target.buffer], { type: wanted.format === 'mp4' ? 'video/mp4' : 'video/webm' });
  return { blob, video: video.codec, audio, frames, width, height };
}

/** The codecs for a format, or one sentence saying why there are none. */
async function choose(media, song, { format, width, height }) {
  const ask = { width, height, quality: media.QUALITY_HIGH };
  let video;
  if (format === 'webm') {
    const codec = await media.getFirstEncodableVideoCodec(['vp9', 'vp8'], ask);
    if (codec) video = { codec };
  } else if (await media.canEncodeVideo('avc', ask)) {
    video = { codec: 'avc' };
  } else if (await media.canEncodeVideo('avc', { ...ask, fullCodecString: 'avc1.420028' })) {
    video = { codec: 'avc', fullCodecString: 'avc1.420028' }; // some Linux encoders know Baseline only
  }
  if (!video) {
    const other = format === 'webm' ? 'MP4' : 'WebM';
    throw new Error(`This browser cannot write ${format === 'webm' ? 'WebM' : 'MP4'} pictures of this size: choose ${other} or a smaller size.`);
  }
  if (song.silent) return { video, audio: null };
  const audio = await media.getFirstEncodableAudioCodec(format === 'mp4' ? ['aac', 'opus'] : ['opus'], {
    numberOfChannels: song.channels,
    sampleRate: song.sample_rate === 44100 && format === 'mp4' ? 44100 : 48000,
    bitrate: AUDIO_BITRATE,
  });
  if (!audio) throw new Error('This browser cannot write sound, and a silent video would be no song: please use Chrome, Edge or Safari 26.');
  return { video, audio };
}

/** Samples [from, to) of every channel. `song.samples` holds one channel after the other. */
function cut(media, song, from, to) {
  const length = song.samples.length / song.channels;
  const data = new Float32Array((to - from) * song.channels);
  for (let c = 0; c < song.channels; c++) {
    data.set(song.samples.subarray(c * length + from, c * length + to), c * (to - from));
  }
  return new media.AudioSample({
    data,
    format: 'f32-planar',
    numberOfChannels: song.channels,
    sampleRate: song.sample_rate,
    timestamp: from / song.sample_rate,
  });
}

/** Lets waiting messages in (cancel!). A message channel, unlike a timer, is not slowed in a hidden tab. */
export function turn() {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(0);
  });
}
