// Where a film's frames are drawn: a canvas of its own, so that the picture on the page stays as it is.

const COVER = 640; // pixels on the long side

export class Easel {
  #studio;
  #screen;
  #captions;
  #from; // where the film begins
  #sheet; // a 2D copy, for what needs the pixels themselves

  constructor(studio, { width, height, from }, captions) {
    this.#from = from;
    this.#studio = studio;
    this.#captions = captions;
    this.canvas = new OffscreenCanvas(width, height);
    this.#screen = studio.screen(this.canvas);
  }

  /** Draws the moment `time`. What it drew must be taken before the next await: a GPU's canvas is emptied then. */
  draw(time) {
    const { width, height } = this.canvas;
    this.#captions?.show(this.#studio, time, width, height, this.#from);
    this.#studio.render(this.#screen, time);
  }

  /** The moment `time` as straight RGBA. */
  pixels(time) {
    const { width, height } = this.canvas;
    return this.copy(time).getContext('2d').getImageData(0, 0, width, height).data;
  }

  /** The moment `time` on a canvas that keeps it until the next copy. */
  copy(time) {
    const { width, height } = this.canvas;
    this.#sheet ??= new OffscreenCanvas(width, height);
    this.draw(time);
    this.#sheet.getContext('2d', { willReadFrequently: true, alpha: false }).drawImage(this.canvas, 0, 0);
    return this.#sheet;
  }

  /** The moment `time` as a small JPEG, for a file's cover. */
  async cover(time) {
    const { width, height } = this.canvas;
    const scale = Math.min(1, COVER / Math.max(width, height));
    const small = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
    this.draw(time);
    const pen = small.getContext('2d', { alpha: false });
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(this.canvas, 0, 0, small.width, small.height);
    const blob = await small.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
    return new Uint8Array(await blob.arrayBuffer());
  }

  free() {
    this.#screen.free();
    // Pixels go now, not when the browser tidies up.
    for (const canvas of [this.canvas, this.#sheet]) if (canvas) Object.assign(canvas, { width: 1, height: 1 });
  }
}
