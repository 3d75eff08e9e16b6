// What drives the portrait: the bundled songs, and the visitor's own score, recording or saved motion.
import { languageName, list, say, sentence, t } from './i18n.js';

const $ = (id) => document.getElementById(id);
const SCORE_LIMIT = 20e6;
const TRACK_LIMIT = 64e6;
const OWN = 'own-';

export class Songs {
  #blobs = new Map(); // clip id -> a bundled score, as fetched
  #catalogue = [];
  #base = null;
  #own = null; // the visitor's own clip
  #brought = 0; // own files so far

  /**
   * @param {{chosen: (clip: object, how?: {quietly?: boolean}) => Promise<boolean>, complain: (text: () => string) => void}} hooks
   * `chosen` is given a clip of the show, with its `blob` and what there is to know `about` it, and says whether it can be used
   */
  constructor(hooks) {
    this.hooks = hooks;
    $('driver-input').addEventListener('change', () => {
      const [file] = $('driver-input').files;
      if (file) this.bring(file);
      $('driver-input').value = ''; // the same file can then be chosen again
    });
  }

  /** Names in the vault of what is listed and may be chosen again. */
  get files() {
    return this.#own ? [this.#own.file] : [];
  }

  /** @param {{id, title, language, year, composer, lyricist, voice, file, duration, mood, name?}[]} catalogue */
  offer(catalogue, base) {
    [this.#catalogue, this.#base] = [catalogue, base];
    $('songs').replaceChildren(...catalogue.map((song) => this.#choice(song)));
  }

  /**
   * Shows which clip is on stage.
   * @param {object|null} clip
   * @param {import('./director.js').Singer|undefined} singer whose head the songs are ordered for: those that turn it further than it can go come last
   */
  show(clip, singer) {
    if (clip?.id.startsWith(OWN) && this.#own?.file !== clip.file) this.#list(clip);
    for (const input of $('songs').querySelectorAll('input')) input.checked = input.value === clip?.id;
    const fitting = singer?.fitting;
    const order = this.#catalogue.map(({ id }, i) => ({ id, fits: Math.round(20 * (fitting?.[i] ?? 1)) })).sort((a, b) => b.fits - a.fits);
    const labels = order.map(({ id }) => this.#input(id)?.closest('label')).filter(Boolean);
    if (labels.some((label, i) => $('songs').children[i] !== label)) $('songs').prepend(...labels);
  }

  /** How the heads of the bundled songs move: what `singers` requests are given, in the catalogue's order. */
  get motions() {
    return this.#catalogue.map(({ head }) => head);
  }

  /** @param {{quietly?: boolean}} [how] `quietly`: not the visitor's doing */
  async choose(id, how) {
    const input = this.#input(id);
    if (!input) return false;
    if (id.startsWith(OWN)) return this.hooks.chosen(this.#own, how); // whose file the vault still has
    input.checked = true;
    const song = this.#catalogue.find((one) => one.id === id);
    const blob = await this.fetched(song).catch(() => null);
    if (!blob) {
      this.hooks.complain(() => t('page.missingFile', { name: song.title }));
      return false;
    }
    if (!input.checked) return false; // another was chosen meanwhile
    const { title, name } = song;
    return this.hooks.chosen({ id, kind: 'score', file: `song ${id}`, name: title, blob, about: { name } }, how);
  }

  /** A bundled song's score, and the word in it that is a name, by its id; undefined where there is no such song. */
  async bundled(id) {
    const song = this.#catalogue.find((one) => one.id === id);
    return song && { blob: await this.fetched(song), about: { name: song.name } };
  }

  async fetched({ id, file }) {
    if (!this.#blobs.has(id)) {
      const response = await fetch(new URL(file, this.#base));
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      this.#blobs.set(id, await response.blob());
    }
    return this.#blobs.get(id);
  }

  /**
   * Takes the visitor's own file. Where it cannot be used, the former one stays in the list.
   * @param {File} file
   * @param {{mirrored?: boolean}} [how] whether a film is to be seen as in a mirror
   */
  async bring(file, how) {
    const kind = await kindOf(file);
    const limit = { score: SCORE_LIMIT, track: TRACK_LIMIT }[kind];
    if (file.size > limit) return this.hooks.complain(() => t(`song.${kind}TooBig`, { name: file.name }));
    const clip = { id: OWN + kind, kind, file: `own ${++this.#brought}`, name: file.name, blob: file, about: {}, ...how };
    if (!(await this.hooks.chosen(clip))) return;
    this.#input(clip.id)?.closest('label').scrollIntoView({ block: 'nearest' });
  }

  /** Puts the visitor's own clip into the list, in place of a former one. */
  #list(clip) {
    this.#own = clip;
    for (const other of $('songs').querySelectorAll(`input[value^=${OWN}]`)) other.closest('label').remove();
    $('songs').append(this.#choice({ id: clip.id, title: clip.name, own: clip.kind }));
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

  #choice({ id, title, year, composer, language, duration, mood, own }) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: 'clip', value: id });
    Object.assign(input.dataset, { testid: 'clip-choice', clip: id });
    input.addEventListener('change', () => this.choose(id));
    const line = (name, text) => {
      const span = Object.assign(document.createElement('span'), { className: name });
      say(span, text);
      return span;
    };
    const name = Object.assign(document.createElement('span'), { className: 'title', textContent: title, lang: language ?? '', dir: 'auto' });
    const facts = () =>
      own ? [t(`song.ownKind.${own}`)] : [composer && sentence(composer), year, languageName(language), mood && sentence(mood)];
    const by = line('by', () => list(facts()));
    label.append(input, name, by, line('length', () => (duration ? t('song.length', { seconds: Math.round(duration) }) : '')));
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
