// Karaoke captions: the line being sung, each word wiped as it is sung.
import { captionLines, lineAt, sung } from './caption_lines.js';

export class Captions {
  #element;
  #lines = [];
  #shown = null;

  constructor(element) {
    this.#element = element;
  }

  /** @param {string|undefined} language of the words, for fonts and screen readers */
  load(trackWords, lyrics, language) {
    this.#element.lang = language ?? '';
    this.#lines = captionLines(trackWords, lyrics);
    this.#shown = null;
    this.#element.replaceChildren();
  }

  show(time) {
    // Some line always stands there: the page must not jump.
    const line = lineAt(this.#lines, time, Infinity) ?? this.#lines[0];
    if (!line) return;
    if (line !== this.#shown) {
      this.#shown = line;
      this.#element.replaceChildren(
        ...line.flatMap(({ text, space }, i) => {
          const span = document.createElement('span');
          span.textContent = text;
          return i && space ? [' ', span] : [span];
        }),
      );
    }
    const spans = this.#element.children;
    line.forEach((piece, i) => spans[i].style.setProperty('--sung', sung(piece, time).toFixed(3)));
  }
}
