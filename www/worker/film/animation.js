// Moving pictures without sound, which play where videos do not: GIF and animated WebP.
import { Gif } from './gif.js';
import { WebP } from './webp.js';

/** Draws every frame into the format's encoder. */
export async function animation(easel, _, wanted, { progress, cancel }) {
  const { from, to, fps } = wanted;
  const frames = Math.max(1, Math.ceil((to - from) * fps - 1e-6));
  const encoder = await (wanted.format === 'gif' ? Gif : WebP).create(easel, wanted);
  for (let k = 0; k < frames; k++) {
    // Both know only whole steps of time; rounding the sum, not the step, keeps the pace over the whole.
    const until = (n) => Math.round((n / fps) * encoder.steps);
    await cancel.wait(encoder.add(from + k / fps, until(k + 1) - until(k)));
    progress(k + 1, frames);
    await cancel.turn();
  }
  return { bytes: encoder.finish(), frames };
}
