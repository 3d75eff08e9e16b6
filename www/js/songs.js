// What they sing: the song choices, the visitor's own score, and the words.
import { words } from './words.js';

const $ = (id) => document.getElementById(id);
const PAUSE = 900; // ms without a keystroke before the new words are sung
const SCORE_LIMIT = 20e6;
const OWN = 'own-score';

export class Songs {
  #scores = new Map(); // clip id -> bytes of the score
  #original = '';
  #timer = 0;
  #base = null;

  /** @param {{chosen: (id: string, score: Uint8Array) => void, retyped: (lyrics: string) => void, complain: (text: string) => void}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    $('driver-input').addEventListener('change', () => this.#own());
    $('lyrics').addEventListener('input', () => {
      $('lyrics-reset').hidden = $('lyrics').value === this.#original;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => hooks.retyped($('lyrics').value), PAUSE);
    });
    $('lyrics-reset').addEventListener('click', () => {
      this.#setLyrics(this.#original);
      hooks.retyped(this.#original);
      $('lyrics').focus();
    });
  }

  /** @param {{id, title, language, year, composer, lyricist, voice, file, duration}[]} catalogue */
  offer(catalogue, base) {
    this.#base = base;
    $('songs').replaceChildren(...catalogue.map((song) => this.#choice(song)));
  }

  /** Marks a song as chosen without loading it: the first one at the start, the former one after a bad score. */
  mark(id) {
    for (const input of $('songs').querySelectorAll('input')) input.checked = input.value === id;
    if (id !== OWN) $('songs').querySelector(`input[value="${OWN}"]`)?.closest('label').remove();
  }

  async choose(id) {
    const input = $('songs').querySelector(`input[value="${CSS.escape(id)}"]`);
    if (!input) return;
    input.checked = true;
    if (!this.#scores.has(id)) {
      const response = await fetch(new URL(input.dataset.file, this.#base)).catch(() => null);
      if (!response?.ok) return this.hooks.complain(words.missingFile(input.dataset.title));
      this.#scores.set(id, new Uint8Array(await response.arrayBuffer()));
    }
    if (input.checked) this.hooks.chosen(id, this.#scores.get(id));
  }

  /** Fills the editor with what is sung now. @param {boolean} isOriginal whether these are the score's own words */
  showLyrics(lyrics, language, isOriginal) {
    if (isOriginal) this.#original = lyrics;
    // While the visitor is typing, their own text stays as they wrote it.
    if (isOriginal || document.activeElement !== $('lyrics')) this.#setLyrics(lyrics);
    $('lyrics').lang = language ?? '';
    $('lyrics').disabled = false;
    $('lyrics-reset').hidden = $('lyrics').value === this.#original;
  }

  lock(locked) {
    for (const input of $('songs').querySelectorAll('input')) input.disabled = locked;
    $('driver-input').disabled = locked;
    $('lyrics').readOnly = locked;
  }

  #setLyrics(lyrics) {
    clearTimeout(this.#timer);
    $('lyrics').value = lyrics;
    $('lyrics-reset').hidden = lyrics === this.#original;
  }

  #choice({ id, title, year, composer, language, file, duration }) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: 'clip', value: id });
    Object.assign(input.dataset, { testid: 'clip-choice', clip: id, file: file ?? '', title });
    input.addEventListener('change', () => this.choose(id));
    const line = (name, text) => Object.assign(document.createElement('span'), { className: name, textContent: text });
    const by = [composer, year, LANGUAGES[language]].filter(Boolean).join(', ');
    label.append(input, line('title', title), line('by', by), line('length', duration ? `${Math.round(duration)} s` : ''));
    return label;
  }

  async #own() {
    const input = $('driver-input');
    const [file] = input.files;
    if (!file) return;
    if (file.size > SCORE_LIMIT) {
      input.value = '';
      return this.hooks.complain(words.scoreTooBig(file.name));
    }
    const score = new Uint8Array(await file.arrayBuffer());
    input.value = '';
    $('songs').querySelector(`input[value="${OWN}"]`)?.closest('label').remove();
    $('songs').append(this.#choice({ id: OWN, title: file.name, composer: 'your own score' }));
    this.#scores.set(OWN, score);
    this.choose(OWN);
  }
}

const LANGUAGES = { en: 'English', ru: 'Russian', it: 'Italian', de: 'German', fr: 'French', es: 'Spanish' };
