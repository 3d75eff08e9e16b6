// The words: the editor, and the field for a name that a song holds.
const $ = (id) => document.getElementById(id);
const PAUSE = 900; // ms without a keystroke before the new words are sung

export class Lyrics {
  #original = '';
  #name = null; // the word of the original that is somebody's name
  #timer = 0;

  /** @param {{retyped: (lyrics: string|undefined) => void}} hooks undefined: the score's own words again */
  constructor(hooks) {
    this.hooks = hooks;
    $('lyrics').addEventListener('input', () => this.#soon());
    $('lyrics-name').addEventListener('input', () => {
      const name = $('lyrics-name').value.trim().replace(/\s+/g, '\u00a0') || this.#name;
      $('lyrics').value = this.#original.replaceAll(this.#name, name);
      this.#soon();
    });
    $('lyrics-reset').addEventListener('click', () => {
      this.#set(this.#original);
      $('lyrics-name').value = '';
      hooks.retyped(undefined);
      $('lyrics').focus();
    });
  }

  /**
   * Fills the editor with what is sung now.
   * @param {string|undefined} lyrics none where nothing is sung from a score: there is nothing to retype then
   * @param {boolean} isOriginal whether these are the score's own words
   * @param {{default: string}} [name]
   */
  show(lyrics, language, isOriginal, name) {
    if (isOriginal) {
      this.#original = lyrics ?? '';
      $('lyrics-name').value = '';
    }
    this.#name = name?.default ?? null;
    $('lyrics-name').placeholder = this.#name ?? '';
    // While the visitor is typing, their own text stays as they wrote it.
    const typing = [$('lyrics'), $('lyrics-name')].includes(document.activeElement);
    if (isOriginal || !typing) this.#set(lyrics ?? '');
    $('lyrics').lang = language ?? '';
    $('lyrics').disabled = lyrics === undefined;
    $('lyrics-card').hidden = lyrics === undefined;
    $('lyrics-name').closest('label').hidden = !this.#name;
    $('lyrics-reset').hidden = isOriginal;
  }

  lock(locked) {
    $('lyrics').readOnly = locked;
    $('lyrics-name').readOnly = locked;
  }

  #soon() {
    $('lyrics-reset').hidden = $('lyrics').value === this.#original;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hooks.retyped($('lyrics').value), PAUSE);
  }

  #set(lyrics) {
    clearTimeout(this.#timer);
    $('lyrics').value = lyrics;
    $('lyrics-reset').hidden = lyrics === this.#original;
  }
}
