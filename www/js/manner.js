// How they sing: voice, liveliness, tempo and key, and whose part of the score.
import { number, say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);
const SONG_ONLY = ['tempo', 'transpose', 'singer', 'verse']; // another song starts with its own
const VOICES = ['soprano', 'alto', 'tenor', 'baritone', 'bass', 'child', 'robot'];

export class Manner {
  /** @param {{changed: () => void}} hooks */
  constructor(hooks) {
    $('voice').append(option(() => t('manner.ownVoice'), ''), ...VOICES.map((id) => option(() => t(`manner.voices.${id}`), id)));
    for (const id of ['voice', 'singer', 'verse']) $(id).addEventListener('change', hooks.changed);
    for (const id of ['dial', 'tempo', 'transpose']) {
      $(id).addEventListener('input', () => this.#say());
      $(id).addEventListener('change', hooks.changed);
    }
    this.#say();
  }

  /** What the visitor asks of a score's performance, as the studio takes it. */
  get score() {
    const choice = (id) => ($(id).value === '' ? undefined : Number($(id).value));
    return {
      voice: $('voice').value || undefined,
      expressiveness: this.expressiveness,
      tempo: Number($('tempo').value),
      transpose: Number($('transpose').value),
      singer: choice('singer'),
      verse: choice('verse'),
    };
  }

  /** 0 shy, 1 usual, 2 opera. */
  get expressiveness() {
    return Number($('dial').value);
  }

  /** Back to what another song has of its own. */
  reset() {
    $('tempo').value = 1;
    $('transpose').value = 0;
    for (const id of ['singer', 'verse']) $(id).replaceChildren();
    this.#say();
  }

  /** Shows what can be chosen for the clip that is on stage. @param {object} info as the worker answered */
  show({ kind, singers = [], singer }) {
    const verses = singers[singer]?.verses ?? 1;
    const verse = $('verse').value;
    $('manner').hidden = kind === 'film' || kind === 'track';
    for (const id of [...SONG_ONLY, 'voice']) $(id).closest('label').hidden = kind !== 'score';
    $('singer').replaceChildren(...singers.map(({ name }, i) => option(() => name || t('manner.part', { n: i + 1 }), i, i === singer)));
    $('singer').closest('label').hidden = singers.length < 2;
    const numbers = Array.from({ length: verses }, (_, i) => option(() => t('manner.verse', { n: i + 1 }), i + 1, String(i + 1) === verse));
    $('verse').replaceChildren(option(() => t('manner.allVerses'), ''), ...numbers);
    if (!verse) $('verse').value = '';
    $('verse').closest('label').hidden = verses < 2;
  }

  lock(locked) {
    for (const control of $('manner').querySelectorAll('select, input')) control.disabled = locked;
  }

  #say() {
    const [tempo, key] = [Number($('tempo').value), Number($('transpose').value)];
    this.#label('dial', () => t(`manner.dials.${liveliness(this.expressiveness)}`));
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

function option(text, value, selected = false) {
  const made = new Option('', value, false, selected);
  say(made, text);
  return made;
}
