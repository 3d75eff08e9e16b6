// How they sing: voice, liveliness, tempo and key, and whose part of the score.
import { number, option, say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);
const SONG_ONLY = ['tempo', 'transpose', 'singer', 'verse']; // another song starts with its own
/** What of the show each slider sets. */
const RANGES = { dial: 'expressiveness', tempo: 'tempo', transpose: 'transpose' };
const VOICES = ['soprano', 'alto', 'tenor', 'baritone', 'bass', 'child', 'robot'];

export class Manner {
  /** @param {{changed: (values: object) => void}} hooks `values`: those of the show's manner that have changed */
  constructor(hooks) {
    $('voice').append(option(() => t('manner.ownVoice'), ''), ...VOICES.map((id) => option(() => t(`manner.voices.${id}`), id)));
    $('own-voice').append(option(() => t('together.asAll'), ''), ...VOICES.map((id) => option(() => t(`manner.voices.${id}`), id)));
    $('voice').addEventListener('change', () => hooks.changed({ voice: $('voice').value }));
    for (const id of ['singer', 'verse']) {
      $(id).addEventListener('change', () => hooks.changed({ [id]: $(id).value === '' ? null : Number($(id).value) }));
    }
    for (const [id, name] of Object.entries(RANGES)) {
      $(id).addEventListener('input', () => this.#say());
      $(id).addEventListener('change', () => hooks.changed({ [name]: Number($(id).value) }));
    }
    this.#say();
  }

  /** Shows the show's `manner`, and what can be chosen for the clip that is on stage. @param {object} info as the worker answered */
  show(manner, { kind, singers = [], singer }) {
    const verses = singers[singer]?.verses ?? 1;
    $('manner').hidden = kind === 'film' || kind === 'track';
    for (const id of [...SONG_ONLY, 'voice']) $(id).closest('label').hidden = kind !== 'score';
    $('voice').value = manner.voice;
    for (const [id, name] of Object.entries(RANGES)) $(id).value = manner[name];
    $('singer').replaceChildren(...singers.map(({ name }, i) => option(() => name || t('manner.part', { n: i + 1 }), i, i === singer)));
    $('singer').closest('label').hidden = singers.length < 2;
    const numbers = Array.from({ length: verses }, (_, i) => option(() => t('manner.verse', { n: i + 1 }), i + 1));
    $('verse').replaceChildren(option(() => t('manner.allVerses'), ''), ...numbers);
    $('verse').value = manner.verse ?? '';
    $('verse').closest('label').hidden = verses < 2;
    this.#say();
  }

  lock(locked) {
    for (const control of $('manner').querySelectorAll('select, input')) control.disabled = locked;
  }

  #say() {
    const [tempo, key] = [Number($('tempo').value), Number($('transpose').value)];
    this.#label('dial', () => t(`manner.dials.${liveliness(Number($('dial').value))}`));
    this.#label('tempo', () => number(tempo, { style: 'percent' }));
    this.#label('transpose', () => (key ? t('manner.semitones', { count: Math.abs(key), sign: key > 0 ? '+' : '−' }) : t('manner.asWritten')));
  }

  /** What a range stands at, for eyes and for screen readers. */
  #label(id, text) {
    say($(`${id}-text`), text);
    say($(id), text, 'aria-valuetext');
  }
}

const liveliness = (value) => (value < 0.4 ? 'shy' : value < 0.8 ? 'calm' : value <= 1.2 ? 'usual' : value <= 1.6 ? 'lively' : 'opera');
