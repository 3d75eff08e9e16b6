// Animated WebP: the colours of a photo at a fraction of a GIF's size.
import { XMP } from './still.js';

/**
 * The browser compresses each picture; what is left is the container (developers.google.com/speed/webp/docs/riff_container).
 * No kept library does only that: the ones there are bring a second encoder along.
 */
export class WebP {
  steps = 1000; // a second
  #easel;
  #frames = [];

  static async create(easel) {
    const self = new WebP();
    self.#easel = easel;
    return self;
  }

  async add(time, delay) {
    const { width, height } = this.#easel.canvas;
    const blob = await this.#easel.copy(time).convertToBlob({ type: 'image/webp', quality: 0.8 });
    const picture = new Uint8Array(await blob.arrayBuffer());
    const overwrite = 0b10; // no blending with the frame before
    const header = [...u24(0), ...u24(0), ...u24(width - 1), ...u24(height - 1), ...u24(delay), overwrite];
    this.#frames.push(...chunk('ANMF', [new Uint8Array(header), imageData(picture)]));
  }

  finish() {
    const { width, height } = this.#easel.canvas;
    const flags = 0b10 | 0b100; // animation, XMP
    const parts = [
      ...chunk('VP8X', [new Uint8Array([flags, 0, 0, 0, ...u24(width - 1), ...u24(height - 1)])]),
      ...chunk('ANIM', [new Uint8Array([0, 0, 0, 255, 0, 0])]), // black behind, for ever
      ...this.#frames,
      ...chunk('XMP ', [new TextEncoder().encode(XMP)]),
    ];
    return new Blob(chunk('RIFF', [new TextEncoder().encode('WEBP'), ...parts]));
  }
}

const u24 = (n) => [n & 255, (n >> 8) & 255, (n >> 16) & 255];

/** A RIFF chunk as parts: name, length, data, and a byte that makes it even. */
function chunk(name, data) {
  const length = data.reduce((sum, part) => sum + part.length, 0);
  const header = new Uint8Array(8);
  for (let i = 0; i < 4; i++) header[i] = name.charCodeAt(i);
  new DataView(header.buffer).setUint32(4, length, true);
  return [header, ...data, ...(length % 2 ? [new Uint8Array(1)] : [])];
}

/** The chunks of a WebP file that are the picture itself (VP8, VP8L, ALPH). */
function imageData(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let [begin, end] = [12, 12];
  while (end + 8 <= file.length) {
    const name = String.fromCharCode(...file.subarray(end, end + 4));
    const next = end + 8 + view.getUint32(end + 4, true);
    if (!/^(VP8 |VP8L|ALPH)$/.test(name)) begin = next + (next % 2);
    end = next + (next % 2);
    if (/^VP8[ L]$/.test(name)) break;
  }
  return file.subarray(begin, end);
}
