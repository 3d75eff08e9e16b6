// Captions on the picture: title and lyrics, karaoke-style, in any script that the device has letters for. Everything is
// drawn with a 2D canvas and handed to the studio as pictures; what is shown at a time depends on that time alone.
import { captionLines, lineAt, sung } from '../js/caption_lines.js';
import { letter, lettering } from './lettering.js';

/** The studio's places for pictures on the frame, back to front. */
const TITLE = 0;
const LINE = 1;
const SUNG = 2;

const TITLE_STAYS = 3; // seconds
const TITLE_FADES = 0.5;
const FADE_STEPS = 8; // each is an upload

// Shares of the frame. The label "AI GENERATED" takes the lowest 10 % of the shorter side (`marks::label`); upright, the
// apps that such films are made for put their buttons over the lowest fifth, the top tenth and the right edge.
const UPRIGHT = 1.5; // height by width
const MARGINS = { bottom: 0.13, top: 0.05, side: 0.07 }; // of the shorter side
const MARGINS_UPRIGHT = { bottom: 0.36, top: 0.2, side: 0.12 };
const LETTERS = 0.062; // of the shorter side
const TITLE_LETTERS = 0.075;

export class PictureCaptions {
  #lines = [];
  #title = '';
  #has = []; // by slot: what the studio holds
  #layouts = new Map(); // by line: how it is set, for one size of frame
  #size = '';

  /** Whether there are captions, whether there is a title, and on a plate or outlined. */
  style = { captions: false, title: false, look: 'plate' };

  get shown() {
    return this.style.captions || this.style.title;
  }

  /** @param {{words: {text, start, end}[], lyrics?: string, title?: string}} clip */
  load({ words, lyrics = '', title = '' }) {
    this.#lines = captionLines(words, lyrics);
    this.#title = title.trim();
    this.#layouts.clear();
    this.#has = [];
  }

  /**
   * Puts on the studio's next frame what belongs on it.
   * @param {object} studio @param {number} time seconds of the clip
   * @param {number} width pixels of the frame @param {number} height
   * @param {number} since when the title begins, seconds of the clip
   */
  show(studio, time, width, height, since = 0) {
    if (!studio.set_overlay) return;
    const size = `${width} ${height} ${this.style.look} ${lettering.family}`;
    if (size !== this.#size) this.#layouts.clear();
    this.#size = size;
    this.#showTitle(studio, time - since, { width, height });
    this.#showLine(studio, time, { width, height });
  }

  #showTitle(studio, age, frame) {
    const left = TITLE_STAYS - age;
    const shown = this.style.title && this.#title && age >= 0 && left > 0;
    if (!shown) return this.#hide(studio, TITLE);
    const { top, side, short } = places(frame);
    const layout = this.#layout('title', () => {
      const pieces = this.#title.split(/\s+/).map((text) => ({ text, space: true }));
      return letter(pieces, { size: TITLE_LETTERS * short, width: frame.width - 2 * side });
    });
    const alpha = Math.min(1, Math.ceil((left / TITLE_FADES) * FADE_STEPS) / FADE_STEPS);
    this.#upload(studio, TITLE, `title ${alpha}`, () => layout.picture({ look: this.style.look, alpha }));
    studio.show_overlay(TITLE, Math.round((frame.width - layout.width) / 2), Math.round(top), layout.width, layout.height, 0, 1);
  }

  #showLine(studio, time, frame) {
    const line = this.style.captions ? lineAt(this.#lines, time) : undefined;
    if (!line) {
      this.#hide(studio, LINE);
      this.#hide(studio, SUNG);
      return;
    }
    const { bottom, side, short } = places(frame);
    const layout = this.#layout(line, () => letter(line, { size: LETTERS * short, width: frame.width - 2 * side }));
    const { look } = this.style;
    const name = this.#lines.indexOf(line);
    const [x, y] = [Math.round((frame.width - layout.width) / 2), Math.round(frame.height - bottom - layout.height)];
    // Rows before the one being sung are sung: they are part of the picture below. The wipe lies over its own row alone.
    const row = Math.max(0, layout.rows.findLastIndex(({ pieces }) => pieces[0].start <= time));
    this.#upload(studio, LINE, `line ${name} ${row}`, () => layout.picture({ look, sungRows: row }));
    studio.show_overlay(LINE, x, y, layout.width, layout.height, 0, 1);
    const share = layout.wipe(row, (piece) => sung(piece, time));
    if (share === 0) return this.#hide(studio, SUNG);
    const strip = layout.rows[row].strip;
    this.#upload(studio, SUNG, `sung ${name} ${row}`, () => layout.stripPicture(row, { look }));
    const [from, to] = layout.rightToLeft ? [1 - share, 1] : [0, share];
    studio.show_overlay(SUNG, x + strip.x, y + strip.y, strip.width, strip.height, from, to);
  }

  #layout(of, make) {
    if (!this.#layouts.has(of)) this.#layouts.set(of, make());
    return this.#layouts.get(of);
  }

  #upload(studio, slot, what, draw) {
    const key = `${what} ${this.#size}`;
    if (this.#has[slot] === key) return;
    const { data, width, height } = draw();
    studio.set_overlay(slot, new Uint8Array(data.buffer), width, height);
    this.#has[slot] = key;
  }

  #hide(studio, slot) {
    studio.hide_overlay(slot);
  }
}

/** Where things go on a frame, in pixels. */
function places({ width, height }) {
  const short = Math.min(width, height);
  const { bottom, top, side } = height / width > UPRIGHT ? MARGINS_UPRIGHT : MARGINS;
  return { short, bottom: bottom * short, top: top * short, side: side * short };
}
