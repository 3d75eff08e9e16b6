// The finished file: seen or heard, then downloaded, shared through the system, or copied.
import { words } from './words.js';

const $ = (id) => document.getElementById(id);
const PLAYERS = { film: 'result-video', animation: 'result-picture', still: 'result-picture', sound: 'result-sound' };

export class Result {
  #url = null;
  #file = null;

  constructor() {
    $('share').addEventListener('click', () => this.#share());
    $('copy').addEventListener('click', () => this.#copy());
  }

  /** @param {object} film what the worker made @param {string} slug the file's name without what comes round it */
  show(film, slug, hadFocus) {
    const { blob, kind, extension } = film;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(blob);
    this.#file = new File([blob], `portraoke-${slug}.${extension}`, { type: blob.type });
    for (const id of new Set(Object.values(PLAYERS))) {
      const player = $(id);
      player.hidden = id !== PLAYERS[kind];
      if (!player.hidden) player.src = this.#url;
      else if (player.hasAttribute('src')) {
        player.removeAttribute('src');
        player.load?.(); // lets go of the former file
      }
    }
    $('result-text').textContent = words.film.result({ ...film, bytes: blob.size });
    $('result-note').textContent = '';
    const link = $('download');
    Object.assign(link, { href: this.#url, download: this.#file.name });
    $('share').hidden = !navigator.canShare?.({ files: [this.#file] });
    $('copy').hidden = !(globalThis.ClipboardItem && navigator.clipboard?.write && (ClipboardItem.supports?.(blob.type) ?? blob.type === 'image/png'));
    $('result').hidden = false;
    if (hadFocus) link.focus({ preventScroll: true });
    $('result').scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  async #share() {
    $('result-note').textContent = '';
    try {
      await navigator.share({ files: [this.#file] });
    } catch (error) {
      // AbortError: the visitor closed the sheet and knows it.
      if (error.name !== 'AbortError') $('result-note').textContent = words.film.notShared;
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.write([new ClipboardItem({ [this.#file.type]: this.#file })]);
      $('result-note').textContent = words.film.copied;
    } catch {
      $('result-note').textContent = words.film.notCopied;
    }
  }
}
