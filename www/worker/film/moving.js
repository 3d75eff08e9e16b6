// Films: pictures and sound through the browser's encoders into MP4 or WebM.
import { FORMATS } from './formats.js';
import { Cut, soundSource } from './sound.js';

/**
 * Draws and encodes every frame. The encoder works beside the drawing: a frame is handed over as soon as it is drawn, and
 * only when four of them wait does the drawing pause.
 */
export async function moving(easel, song, wanted, { progress, cancel }) {
  // 0.7 MB that only a visitor who makes a video downloads. Workers have no import map, hence the path.
  const media = await import('../../vendor/mediabunny.min.mjs');
  const { type } = FORMATS[wanted.format];
  const { from, to, fps } = wanted;
  const video = await pictures(media, wanted);
  const audio = song.silent ? null : await soundSource(media, song, wanted.format);

  const output = new media.Output({
    format: type === 'video/mp4' ? new media.Mp4OutputFormat({ fastStart: 'in-memory' }) : new media.WebMOutputFormat(),
    target: new media.BufferTarget(),
  });
  const source = new media.VideoSampleSource({ ...video, quality: media.QUALITY_HIGH, keyFrameInterval: 2 });
  output.addVideoTrack(source, { frameRate: fps });
  if (audio) output.addAudioTrack(audio.source);
  output.setMetadataTags({
    title: song.title,
    comment: `AI generated: an animated photograph${song.kind === 'score' ? ' with a synthetic voice' : ''}, made with Portraoke.`,
    // File managers, music players and VLC show the cover; phones' galleries and most sites show the first frame, which
    // stays the film's own so that picture and sound agree. WebM knows no covers.
    ...(type === 'video/mp4' && { images: [{ data: await easel.cover(wanted.time), mimeType: 'image/jpeg', kind: 'coverFront' }] }),
  });
  const frames = Math.max(1, Math.ceil((to - from) * fps - 1e-6));
  try {
    await output.start();
    const cut = audio && new Cut(media, song, wanted);
    for (let k = 0; k < frames; k++) {
      easel.draw(from + k / fps);
      const frame = new VideoFrame(easel.canvas, { timestamp: Math.round((k * 1e6) / fps), duration: Math.round(1e6 / fps), alpha: 'discard' });
      const sample = new media.VideoSample(frame);
      try {
        await cancel.wait(source.add(sample));
      } finally {
        sample.close();
      }
      // Sound goes in beside the pictures it belongs to, so that neither waits in memory for the other.
      const shown = (k + 1) / fps;
      const last = k === frames - 1;
      if (cut && (last || shown - cut.heard >= 0.5)) await cancel.wait(cut.pass(audio.source, last ? Infinity : shown));
      progress(k + 1, frames);
      await cancel.turn();
    }
    await cancel.wait(output.finalize());
  } catch (error) {
    output.cancel().catch(() => {}); // closes the encoders; nobody need wait for it
    throw error;
  }
  return { bytes: output.target.buffer, video: video.codec, audio: audio?.codec ?? null, frames };
}

/** The encoder's settings for a format, or one sentence saying why there are none. */
async function pictures(media, { format, width, height, fps }) {
  const ask = { width, height, framerate: fps, quality: media.QUALITY_HIGH };
  const codec = await media.getFirstEncodableVideoCodec(FORMATS[format].video, ask);
  if (codec) return { codec };
  const baseline = { fullCodecString: 'avc1.420028' }; // some Linux encoders know no other
  if (format === 'mp4' && (await media.canEncodeVideo('avc', { ...ask, ...baseline }))) return { codec: 'avc', ...baseline };
  throw new Error('This browser cannot write pictures of this size in this format: choose a smaller size or another format.');
}
