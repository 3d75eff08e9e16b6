// The words of a clip as the lines that are shown while it is sung. Page and worker show the same lines.

const LEAD = 1.2; // seconds a line shows before its first word
const AFTERWARDS = 2.5; // seconds a line may stay when nothing follows it
const LONGEST = 8; // words on one line where the lyrics give no line breaks
const WIDEST = 44; // columns of a line that the lyrics give; a Chinese or Japanese character takes two
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uff60]/u;

/**
 * @typedef {{text: string, start: number, end: number, space: boolean}} Piece a word or syllable; `space`: whether a
 *   space stands before it
 *
 * Groups the track's words into lines, with the spaces and line breaks of the lyrics where they agree.
 * @param {{text, start, end}[]} trackWords words or syllables; a trailing hyphen joins a syllable to the next
 * @param {string} lyrics @returns {Piece[][]}
 */
export function captionLines(trackWords, lyrics) {
  const pieces = trackWords.map(({ text, start, end }) => ({ text: text.length > 1 ? text.replace(/-$/, '') : text, start, end }));
  const lines = asWritten(pieces, lyrics) ?? asSung(pieces, trackWords);
  return lines.flatMap(shortened).filter((line) => line.length);
}

/** The line shown at a time: the last that starts soon or has started, gone `stays` seconds after its last word. */
export function lineAt(lines, time, stays = AFTERWARDS) {
  let at = -1;
  while (at + 1 < lines.length && lines[at + 1][0].start - LEAD <= time) at++;
  // A line is not taken away while its last word still sounds.
  if (at > 0 && time < lines[at - 1].at(-1).end) at--;
  return at >= 0 && time < lines[at].at(-1).end + stays ? lines[at] : undefined;
}

/** How much of a piece is sung at a time, 0..1. */
export function sung({ start, end }, time) {
  return Math.min(1, Math.max(0, (time - start) / Math.max(0.05, end - start)));
}

/** Follows the lyrics letter by letter; null where the track says something else. */
function asWritten(pieces, lyrics) {
  const lines = [[]];
  let at = 0;
  for (const piece of pieces) {
    const gap = /^\s*/.exec(lyrics.slice(at))[0];
    at += gap.length;
    if (!lyrics.startsWith(piece.text, at)) return null;
    at += piece.text.length;
    if (gap.includes('\n') && lines.at(-1).length) lines.push([]);
    lines.at(-1).push({ ...piece, space: gap !== '' });
  }
  return lyrics.slice(at).trim() ? null : lines;
}

/** Lines by number of words and by pauses. */
function asSung(pieces, trackWords) {
  const lines = [];
  let inLine = LONGEST;
  pieces.forEach((piece, i) => {
    const joined = i > 0 && trackWords[i - 1].text.length > 1 && trackWords[i - 1].text.endsWith('-');
    if (joined) return lines.at(-1).push({ ...piece, space: false });
    const pause = i > 0 ? piece.start - pieces[i - 1].end : 0;
    if (inLine >= LONGEST || pause > 0.7) [inLine] = [0, lines.push([])];
    inLine++;
    const tight = i > 0 && WIDE.test(piece.text[0]) && WIDE.test(pieces[i - 1].text.at(-1));
    lines.at(-1).push({ ...piece, space: !tight });
  });
  return lines;
}

/** A line that is too wide as two, broken between words near its middle, and so on. */
function shortened(line) {
  const columns = line.map(({ text, space }) => Number(space) + [...text].reduce((sum, letter) => sum + (WIDE.test(letter) ? 2 : 1), 0));
  const whole = columns.reduce((a, b) => a + b, 0);
  if (whole <= WIDEST) return [line];
  let best = 0;
  let before = 0;
  let distance = Infinity;
  for (let i = 1; i < line.length; i++) {
    before += columns[i - 1];
    const between = line[i].space || WIDE.test(line[i].text[0]);
    if (between && Math.abs(before - whole / 2) < distance) [best, distance] = [i, Math.abs(before - whole / 2)];
  }
  if (!best) return [line];
  return [...shortened(line.slice(0, best)), ...shortened(line.slice(best))];
}
