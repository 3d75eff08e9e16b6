// The English sentences that Rust and the worker say to the visitor, as the translations know them: with `{0}`, `{1}` for
// what varies. `node scripts/sentences.mjs` lists what each language still lacks, and what it has too much.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
export const LOCALES = join(root, 'www/locales');

// Rust that never runs in the page: the command line, and the compiler whose plans are made beforehand.
const NATIVE = /^src\/(bin|nn\/lower)\//;
// Files whose phrases fill a blank of a sentence. Elsewhere what stands in brackets is technical and stays English.
const PHRASES = /^src\/(portrait\/decode|portrait\/types|clip\/csv|clip\/track|song\/musicxml\/measure)\.rs$/;
const IN_FILES = /^AI generated/; // written into the files for machines and anyone, in English
const SENTENCE = /^[\p{Lu}{][^]*\s[^]*\s[^]*\.$/u; // a capital or a blank, three words, a full stop
const PHRASE = /^(\p{Ll}|\{0\})[\p{L}'’]*\s[\p{L}\s'’,:(){}0-9]+$/u;

/** @returns {Map<string, string>} sentence or phrase -> the file that says it */
export function sentences() {
  const found = new Map();
  for (const file of files('src', /\.rs$/)) if (!NATIVE.test(file)) addRust(file, found);
  for (const file of [...files('www/worker', /\.js$/), ...files('www/js', /\.js$/), 'www/worker.js']) addScript(file, found);
  for (const { composer, mood } of json('www/songs/catalogue.json')) {
    if (/^\P{Lu}|\b(tune|song|round|shanty)$/u.test(composer)) found.set(composer, 'www/songs/catalogue.json');
    found.set(mood, 'www/songs/catalogue.json');
  }
  for (const { alt } of json('www/portraits/catalogue.json')) found.set(alt, 'www/portraits/catalogue.json');
  return found;
}

function addRust(file, found) {
  const source = read(file).split(/#\[cfg\(test\)\]\s*mod /)[0].replace(/^\s*\/\/.*$/gm, '');
  for (const [, before, bytes, literal] of source.matchAll(/(#\[error\(\s*|\bbad\()?(b)?"((?:[^"\\]|\\[^])*)"/g)) {
    if (bytes) continue;
    const text = numbered(literal.replace(/\\\n\s*/g, '').replaceAll('\\"', '"'), /\{[^{}]*\}/g);
    if ((before && text !== '{0}') || SENTENCE.test(text) || (PHRASES.test(file) && PHRASE.test(text))) found.set(text, file);
  }
}

/** One sentence is one literal there, without literals inside its blanks. */
function addScript(file, found) {
  const source = read(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '').replace(/\s\/\/ .*$/gm, '');
  for (const [, plain, template] of source.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)) {
    const text = plain ?? numbered(template, /\$\{[^{}]*\}/g);
    if ((SENTENCE.test(text) && !IN_FILES.test(text)) || text === 'of an unknown kind') found.set(text, file);
  }
}

/** Blanks in the order in which they stand. */
function numbered(text, blanks) {
  let n = 0;
  return text.replace(blanks, () => `{${n++}}`);
}

function files(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !/(^|\/)tests?(\/|\.)/.test(file))
    .sort();
}

const read = (file) => readFileSync(join(root, file), 'utf8');
const json = (file) => JSON.parse(read(file));

if (process.argv[1] === import.meta.filename) {
  const said = sentences();
  for (const file of readdirSync(LOCALES).filter((name) => name !== 'en.json')) {
    const known = json(join('www/locales', file)).sentences ?? {};
    for (const [text, place] of said) if (!(text in known)) console.log(`${file} lacks   ${JSON.stringify(text)}   (${place})`);
    for (const text of Object.keys(known)) if (!said.has(text)) console.log(`${file} has too much   ${JSON.stringify(text)}`);
  }
}
