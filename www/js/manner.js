// How they sing: voice, liveliness, tempo and key, and whose part of the score.
import { words } from './words.js';

const $ = (id) => document.getElementById(id);
const SONG_ONLY = ['tempo', 'transpose', 'singer', 'verse']; // another song starts with its own

export class Manner {
  /** @param {{changed: () => void}} hooks */
  constructor(hooks) {
    $('voice').append(new Option(words.ownVoice, ''), ...Object.entries(words.voices).map(([id, name]) => new Option(name, id)));
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
    $('singer').replaceChildren(...singers.map(({ name }, i) => new Option(name || words.part(i + 1), i, false, i === singer)));
    $('singer').closest('label').hidden = singers.length < 2;
    const numbers = Array.from({ length: verses }, (_, i) => new Option(words.verse(i + 1), i + 1, false, String(i + 1) === verse));
    $('verse').replaceChildren(new Option(words.allVerses, ''), ...numbers);
    if (!verse) $('verse').value = '';
    $('verse').closest('label').hidden = verses < 2;
  }

  lock(locked) {
    for (const control of $('manner').querySelectorAll('select, input')) control.disabled = locked;
  }

  #say() {
    $('dial-text').textContent = words.dial(this.expressiveness);
    $('tempo-text').textContent = `${Math.round(100 * Number($('tempo').value))} %`;
    $('transpose-text').textContent = words.semitones(Number($('transpose').value));
    $('dial').setAttribute('aria-valuetext', $('dial-text').textContent);
    $('tempo').setAttribute('aria-valuetext', $('tempo-text').textContent);
    $('transpose').setAttribute('aria-valuetext', $('transpose-text').textContent);
  }
}
