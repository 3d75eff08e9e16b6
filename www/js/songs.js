// What drives the portrait: the bundled songs, and the visitor's own score, recording or saved motion.
import { words } from './words.js';

const $ = (id) => document.getElementById(id);
const SCORE_LIMIT = 20e6;
const TRACK_LIMIT = 64e6;
const OWN = 'own-';

/** @typedef {{kind: 'score', score: Uint8Array, name?: object}} ScoreSource `name`: the word of the lyrics that is a name */
/** @typedef {{kind: 'recording', file: Blob, name: string, at?: {x: number, y: number}, mirrored?: boolean}} RecordingSource */
/** @typedef {{kind: 'track', bytes: Uint8Array, name: string}} TrackSource */

export class Songs {
  #sources = new Map(); // clip id -> source
  #catalogue = [];
  #base = null;

  /**
   * @param {{chosen: (id: string, source: ScoreSource|RecordingSource|TrackSource) => Promise<boolean>, complain: (text: string) => void}} hooks
   * `chosen` says whether the clip can be used
   */
  constructor(hooks) {
    this.hooks = hooks;
    $('driver-input').addEventListener('change', () => {
      const [file] = $('driver-input').files;
      if (file) this.bring(file);
      $('driver-input').value = ''; // the same file can then be chosen again
    });
  }

  /** @param {{id, title, language, year, composer, lyricist, voice, file, duration, mood, name?}[]} catalogue */
  offer(catalogue, base) {
    [this.#catalogue, this.#base] = [catalogue, base];
    $('songs').replaceChildren(...catalogue.map((song) => this.#choice(song)));
  }

  /** Marks a clip as chosen without loading it: the first one at the start, the former one after a bad file. */
  mark(id) {
    for (const input of $('songs').querySelectorAll('input')) input.checked = input.value === id;
  }

  async choose(id) {
    const input = this.#input(id);
    if (!input) return;
    input.checked = true;
    if (!this.#sources.has(id)) {
      const { file, title, name } = this.#catalogue.find((song) => song.id === id);
      const response = await fetch(new URL(file, this.#base)).catch(() => null);
      if (!response?.ok) return this.hooks.complain(words.missingFile(title));
      this.#sources.set(id, { kind: 'score', score: new Uint8Array(await response.arrayBuffer()), name });
    }
    if (input.checked) this.hooks.chosen(id, this.#sources.get(id));
  }

  /**
   * Takes the visitor's own file. Where it cannot be used, the former one stays in the list.
   * @param {File} file
   * @param {{mirrored?: boolean}} [how] whether a film is to be seen as in a mirror
   */
  async bring(file, how) {
    const kind = await kindOf(file);
    const limit = { score: SCORE_LIMIT, track: TRACK_LIMIT }[kind];
    if (file.size > limit) return this.hooks.complain(kind === 'score' ? words.scoreTooBig(file.name) : words.trackTooBig(file.name));
    const bytes = limit && new Uint8Array(await file.arrayBuffer());
    const source = {
      score: { kind, score: bytes },
      track: { kind, bytes, name: file.name },
      recording: { kind, file, name: file.name, ...how },
    }[kind];
    const id = OWN + kind;
    if (!(await this.hooks.chosen(id, source))) return;
    for (const other of $('songs').querySelectorAll(`input[value^=${OWN}]`)) other.closest('label').remove();
    $('songs').append(this.#choice({ id, title: file.name, composer: words.own[kind] }));
    this.#sources.set(id, source);
    this.mark(id);
    this.#input(id).closest('label').scrollIntoView({ block: 'nearest' });
  }

  /** Remembers which face of a film drives. */
  keep(id, source) {
    this.#sources.set(id, source);
  }

  lock(locked) {
    for (const input of $('songs').querySelectorAll('input')) input.disabled = locked;
    // Nothing in the list can have focus then, and the keyboard must still scroll it.
    if (locked) $('songs').tabIndex = 0;
    else $('songs').removeAttribute('tabindex');
    $('driver-input').disabled = locked;
  }

  #input(id) {
    return $('songs').querySelector(`input[value="${CSS.escape(id)}"]`);
  }

  #choice({ id, title, year, composer, language, duration, mood }) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: 'clip', value: id });
    Object.assign(input.dataset, { testid: 'clip-choice', clip: id });
    input.addEventListener('change', () => this.choose(id));
    const line = (name, text) => Object.assign(document.createElement('span'), { className: name, textContent: text });
    const by = [composer, year, words.languages[language], mood].filter(Boolean).join(', ');
    label.append(input, line('title', title), line('by', by), line('length', duration ? `${Math.round(duration)} s` : ''));
    return label;
  }
}

/** What a file is, by its first bytes rather than by its name. */
async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, 256).arrayBuffer());
  const text = new TextDecoder().decode(head).replace(/^\uFEFF/, '').trimStart();
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (text.startsWith('PK') || text.startsWith('<') || (utf16 && head.includes(0x3c))) return 'score';
  if (text.startsWith('{') || /\.(json|csv)$/i.test(file.name) || /^timecode,/i.test(text)) return 'track';
  if (/\.(mxl|musicxml|xml)$/i.test(file.name)) return 'score'; // whose reader then says what is wrong
  return 'recording';
}
