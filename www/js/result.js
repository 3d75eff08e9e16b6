// The finished file: seen or heard, then downloaded, shared through the system, or copied.
import { clock, megabytes } from './filming.js';
import { list, say, t } from './i18n.js';

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
    say($('result-text'), () => described(film));
    say($('result-note'), () => '');
    const link = $('download');
    Object.assign(link, { href: this.#url, download: this.#file.name });
    $('share').hidden = !navigator.canShare?.({ files: [this.#file] });
    $('copy').hidden = !(globalThis.ClipboardItem && navigator.clipboard?.write && (ClipboardItem.supports?.(blob.type) ?? blob.type === 'image/png'));
    $('result').hidden = false;
    if (hadFocus) link.focus({ preventScroll: true });
    $('result').scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  async #share() {
    say($('result-note'), () => '');
    try {
      await navigator.share({ files: [this.#file] });
    } catch (error) {
      // AbortError: the visitor closed the sheet and knows it.
      if (error.name !== 'AbortError') say($('result-note'), () => t('film.notShared'));
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.write([new ClipboardItem({ [this.#file.type]: this.#file })]);
      say($('result-note'), () => t('film.copied'));
    } catch {
      say($('result-note'), () => t('film.notCopied'));
    }
  }
}

const NAMES = { avc: 'H.264', av1: 'AV1', vp9: 'VP9', vp8: 'VP8', aac: 'AAC', opus: 'Opus' };

/** What has been made, in one line. */
function described({ kind, frames, width, height, blob, seconds, video, audio }) {
  const moving = kind === 'film' || kind === 'animation';
  const parts = [
    kind === 'sound' ? clock(seconds) : `${width} × ${height}`,
    moving ? t('film.frames', { count: frames }) : '',
    megabytes(blob.size),
    kind === 'film' ? (audio ? t('film.codecs', { video: NAMES[video], audio: NAMES[audio] }) : t('film.silent', { video: NAMES[video] })) : '',
  ];
  return t(kind === 'sound' ? 'film.soundResult' : 'film.result', { what: list(parts) });
}
