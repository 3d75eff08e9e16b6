// Karaoke captions: the line being sung, each word wiped as it is sung.

const LEAD = 1.2; // seconds a line shows before its first word
const LONGEST = 8; // words on one line where the lyrics give no line breaks

/**
 * Groups the track's words into lines, following the line breaks of the lyrics where they agree.
 * @param {{text, start, end}[]} trackWords words or syllables; a trailing hyphen joins a syllable to the next
 * @returns {{text, start, end, space}[][]} `space`: whether a space stands before the piece
 */
export function captionLines(trackWords, lyrics) {
  const spoken = []; // whole words, each a list of pieces
  let open = false;
  for (const { text, start, end } of trackWords) {
    const joins = text.length > 1 && text.endsWith('-');
    const piece = { text: joins ? text.slice(0, -1) : text, start, end, space: !open };
    if (open) spoken.at(-1).push(piece);
    else spoken.push([piece]);
    open = joins;
  }
  const counts = lyrics.split('\n').map((line) => line.split(/\s+/).filter(Boolean).length).filter(Boolean);
  const agrees = counts.reduce((a, b) => a + b, 0) === spoken.length && Math.max(...counts) <= 12;
  const lines = [];
  if (agrees) {
    let at = 0;
    for (const n of counts) lines.push(spoken.slice(at, (at += n)).flat());
  } else {
    let inLine = LONGEST;
    for (const word of spoken) {
      const pause = lines.length ? word[0].start - lines.at(-1).at(-1).end : 0;
      if (inLine >= LONGEST || pause > 0.7) {
        lines.push([...word]);
        inLine = 1;
      } else {
        lines.at(-1).push(...word);
        inLine++;
      }
    }
  }
  return lines;
}

export class Captions {
  #element;
  #lines = [];
  #shown = null;

  constructor(element) {
    this.#element = element;
  }

  load(trackWords, lyrics) {
    this.#lines = captionLines(trackWords, lyrics);
    this.#shown = null;
    this.#element.replaceChildren();
  }

  show(time) {
    // The line whose turn it is: the last one that starts soon or has started.
    let line = this.#lines[0];
    for (const next of this.#lines) if (next[0].start - LEAD <= time) line = next; else break;
    if (!line) return;
    // A line is not taken away while its last word still sounds.
    const before = this.#lines[this.#lines.indexOf(line) - 1];
    if (before && time < before.at(-1).end) line = before;
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
    line.forEach(({ start, end }, i) => {
      const sung = Math.min(1, Math.max(0, (time - start) / Math.max(0.05, end - start)));
      spans[i].style.setProperty('--sung', sung.toFixed(3));
    });
  }
}
