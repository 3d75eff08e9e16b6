// A few words set in one or two rows: measured, and drawn as pictures in the page's colours.

const PAPER = '#fbe7e1';
const INK = '#34101f';
const WIPE = '#2a3ae0';
const LINE_HEIGHT = 1.3; // tall enough for Arabic, Devanagari and Vietnamese
const PAD = 0.45; // of the letters' size
const OUTLINE = 0.17;
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** The page's own letters where they can be had; the device's for every script that those lack. */
export const lettering = {
  family: 'system-ui, sans-serif',
  /** Fetches the page's font, once. Captions drawn before it is there use the device's. */
  ready: once(async () => {
    const font = new FontFace('Bricolage', `url(${new URL('../vendor/bricolage-grotesque.woff2', import.meta.url)})`, { weight: '200 800' });
    await font.load();
    self.fonts.add(font);
    lettering.family = 'Bricolage, system-ui, sans-serif';
  }),
};

function once(work) {
  let done;
  return () => (done ??= work().catch(() => {})); // the device's own letters do as well
}

const pen = (width, height) => new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });

/**
 * @param {{text: string, space: boolean}[]} pieces
 * @param {{size: number, width: number}} room letters' size and the most that a row may take, pixels
 */
export function letter(pieces, { size, width }) {
  return new Lettering(pieces, size, width);
}

class Lettering {
  /** @type {{pieces, text: string, width: number, ends: number[][], strip: {x, y, width, height}}[]} */
  rows;
  #size;
  #ruler = pen(1, 1);

  constructor(pieces, size, most) {
    this.rightToLeft = RIGHT_TO_LEFT.test(pieces.map(({ text }) => text).join(' '));
    this.#size = size;
    const room = most - 2 * PAD * size;
    this.rows = this.#set(pieces, room);
    const widest = () => Math.max(...this.rows.map((row) => row.width));
    if (widest() > room) {
      this.#size *= room / widest();
      this.rows = this.#set(pieces, Infinity, this.rows.length > 1 ? this.rows[0].pieces.length : 0);
    }
    const pad = PAD * this.#size;
    const high = LINE_HEIGHT * this.#size;
    this.width = Math.ceil(widest() + 2 * pad);
    this.height = Math.ceil(this.rows.length * high + pad);
    this.rows.forEach((row, i) => {
      const x = Math.floor((this.width - row.width) / 2 - pad);
      row.strip = { x, y: Math.floor(pad / 2 + i * high), width: Math.ceil(row.width + 2 * pad), height: Math.ceil(high) };
    });
  }

  /**
   * How far a row is wiped, as a share of its strip.
   * @param {(piece) => number} done how much of a piece is sung, 0..1
   */
  wipe(index, done) {
    const { pieces, ends, width, strip } = this.rows[index];
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
      const part = done(pieces[i]);
      if (part > 0) at = ends[i][0] + part * (ends[i][1] - ends[i][0]);
      if (part < 1) break;
    }
    if (at === 0) return 0;
    return at >= width ? 1 : ((strip.width - width) / 2 + at) / strip.width;
  }

  /** All rows, the first `sungRows` of them in the colour of what was sung. */
  picture({ look, sungRows = 0, alpha = 1 }) {
    const sheet = pen(this.width, this.height);
    sheet.globalAlpha = alpha;
    if (look === 'plate') {
      sheet.fillStyle = PAPER;
      sheet.beginPath();
      sheet.roundRect(0, 0, this.width, this.height, 0.35 * this.#size);
      sheet.fill();
    }
    this.rows.forEach((row, i) => this.#draw(sheet, row, row.strip.x, row.strip.y, colours(look, i < sungRows)));
    return sheet.getImageData(0, 0, this.width, this.height);
  }

  /** One row in the colour of what was sung, and nothing round it. */
  stripPicture(index, { look }) {
    const { strip } = this.rows[index];
    const sheet = pen(strip.width, strip.height);
    this.#draw(sheet, this.rows[index], 0, 0, colours(look, true));
    return sheet.getImageData(0, 0, strip.width, strip.height);
  }

  #draw(sheet, row, x, y, { fill, stroke }) {
    this.#write(sheet);
    const left = x + (row.strip.width - row.width) / 2;
    const middle = y + row.strip.height / 2;
    if (stroke) {
      sheet.lineJoin = 'round';
      sheet.lineWidth = OUTLINE * this.#size;
      sheet.strokeStyle = stroke;
      sheet.strokeText(row.text, left, middle);
    }
    sheet.fillStyle = fill;
    sheet.fillText(row.text, left, middle);
  }

  #write(sheet) {
    sheet.font = `700 ${this.#size}px ${lettering.family}`;
    sheet.direction = this.rightToLeft ? 'rtl' : 'ltr';
    sheet.textAlign = 'left';
    sheet.textBaseline = 'middle';
  }

  /** Rows for the pieces: one where it fits, else two as even as can be. `at` fixes the break. */
  #set(pieces, room, at = 0) {
    this.#write(this.#ruler);
    const whole = this.#row(pieces);
    if (!at && whole.width <= room) return [whole];
    let best = at ? [this.#row(pieces.slice(0, at)), this.#row(pieces.slice(at))] : null;
    const between = pieces.map(({ space, text }, i) => i > 0 && (space || WIDE.test(text[0])));
    for (let i = 1; !at && i < pieces.length; i++) {
      if (!between[i] && between.includes(true)) continue; // one endless word is broken at a syllable
      const rows = [this.#row(pieces.slice(0, i)), this.#row(pieces.slice(i))];
      if (!best || Math.max(rows[0].width, rows[1].width) < Math.max(best[0].width, best[1].width)) best = rows;
    }
    return best ?? [whole];
  }

  /** Measured from the row's start, whichever side that is. Prefixes, so that letters keep the shapes they have in words. */
  #row(pieces) {
    const wide = (text) => this.#ruler.measureText(text).width;
    let text = '';
    const ends = pieces.map((piece, i) => {
      if (i && piece.space) text += ' ';
      const from = wide(text);
      text += piece.text;
      return [from, wide(text)];
    });
    return { pieces, text, width: wide(text), ends };
  }
}

function colours(look, isSung) {
  if (look === 'plate') return { fill: isSung ? WIPE : INK };
  return isSung ? { fill: WIPE, stroke: PAPER } : { fill: PAPER, stroke: INK };
}
