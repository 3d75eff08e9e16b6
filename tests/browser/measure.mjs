// Small measures on lists of numbers.

export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** Root-mean-square loudness of each frame of 1 / fps seconds. */
export function loudness(samples, rate, fps) {
  const frames = [];
  for (let k = 0; ((k + 1) * rate) / fps <= samples.length; k++) {
    let sum = 0;
    const [from, to] = [Math.floor((k * rate) / fps), Math.floor(((k + 1) * rate) / fps)];
    for (let i = from; i < to; i++) sum += samples[i] * samples[i];
    frames.push(Math.sqrt(sum / (to - from)));
  }
  return frames;
}

/** Correlation of a[k] with b[k + shift]. */
export function pearson(a, b, shift = 0) {
  const pairs = [];
  for (let k = 0; k < a.length; k++) if (b[k + shift] !== undefined) pairs.push([a[k], b[k + shift]]);
  const [ma, mb] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [x, y] of pairs) {
    ab += (x - ma) * (y - mb);
    aa += (x - ma) ** 2;
    bb += (y - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb || 1);
}

/** The shift, in frames, at which b follows a best; positive: b is late. */
export function lag(a, b, most) {
  let best = 0;
  for (let shift = -most; shift <= most; shift++) {
    if (Math.abs(pearson(a, b, shift)) > Math.abs(pearson(a, b, best))) best = shift;
  }
  return best;
}
