// GIF: plays everywhere, 256 colours.

const COMMENT = 'AI generated: a portrait animated by Portraoke';

/** One palette for the whole, found in moments from all of it, so that nothing flickers. What stays is left out: smaller. */
export class Gif {
  steps = 100; // a second
  #easel;
  #gifenc;
  #gif;
  #palette;
  #shown = null;

  static async create(easel, { from, to }) {
    const self = new Gif();
    self.#gifenc = await import('../../vendor/gifenc.esm.js');
    self.#easel = easel;
    self.#gif = self.#gifenc.GIFEncoder();
    const { width, height } = easel.canvas;
    const moments = 6;
    const seen = new Uint8ClampedArray(moments * width * height * 4);
    for (let i = 0; i < moments; i++) seen.set(easel.pixels(from + ((to - from) * (i + 0.5)) / moments), i * width * height * 4);
    self.#palette = self.#gifenc.quantize(seen, 255); // the last index says “as before”
    while (self.#palette.length < 256) self.#palette.push([0, 0, 0]);
    return self;
  }

  async add(time, delay) {
    const { width, height } = this.#easel.canvas;
    const transparentIndex = 255;
    const indices = this.#gifenc.applyPalette(this.#easel.pixels(time), this.#palette.slice(0, transparentIndex));
    const changed = indices.slice();
    if (this.#shown) for (let i = 0; i < indices.length; i++) if (indices[i] === this.#shown[i]) changed[i] = transparentIndex;
    const first = !this.#shown;
    this.#gif.writeFrame(changed, width, height, {
      ...(first && { palette: this.#palette }),
      transparent: !first,
      transparentIndex,
      dispose: 1, // stays
      delay: delay * 10,
    });
    this.#shown = indices;
  }

  finish() {
    const { stream } = this.#gif;
    stream.writeBytes([0x21, 0xfe, COMMENT.length, ...new TextEncoder().encode(COMMENT), 0]); // a comment extension
    this.#gif.finish();
    return this.#gif.bytes();
  }
}
