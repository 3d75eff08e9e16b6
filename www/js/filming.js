// Take it home: format and size, progress and cancel, and the finished file.
import { number, say, t } from './i18n.js';
import { fitted } from './stage.js';

const $ = (id) => document.getElementById(id);
const LONGEST = { 480: 854, 720: 1280, 1080: 1920, 2160: 3840 }; // the long side belonging to each short side
const NAMES = { avc: 'H.264', vp9: 'VP9', vp8: 'VP8', aac: 'AAC', opus: 'Opus' };

export class Filming {
  #codecs = null;
  #startedAt = 0;
  #url = null;

  /** @param {{start: () => void, cancel: () => void}} hooks */
  constructor(hooks) {
    $('export').addEventListener('click', hooks.start);
    $('export-cancel').addEventListener('click', () => {
      $('export-cancel').disabled = true;
      hooks.cancel();
    });
    $('export-format').addEventListener('change', () => this.#hint());
  }

  /** @param {{avc, vp9, aac, opus}} codecs what this browser can write */
  offer(codecs) {
    this.#codecs = codecs;
    const select = $('export-format');
    const can = { mp4: codecs.avc && (codecs.aac || codecs.opus), webm: codecs.vp9 && codecs.opus };
    for (const option of select.options) option.disabled = !can[option.value];
    if (select.selectedOptions[0].disabled) select.value = Object.keys(can).find((format) => can[format]) ?? select.value;
    this.#hint();
  }

  get possible() {
    return Boolean(this.#codecs) && [...$('export-format').options].some((option) => !option.disabled);
  }

  /** What is to be filmed. @param {{width, height}} picture @param {number} [longest] overrides the size choice */
  wanted(picture, longest, fps) {
    const short = Number($('export-size').value);
    const [least, most] = [Math.min(picture.width, picture.height), Math.max(picture.width, picture.height)];
    const scale = longest ? longest / most : Math.min(short / least, LONGEST[short] / most);
    return { format: $('export-format').value, ...fitted(picture, scale), fps };
  }

  begin() {
    this.#startedAt = performance.now();
    $('filming').hidden = false;
    $('export-cancel').disabled = false;
    $('export-progress').value = 0;
    say($('filming-text'), '');
    $('export-cancel').focus({ preventScroll: true });
  }

  progress(done, total) {
    $('export-progress').value = done / total;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    // The first frames also pay for shaders and encoders; a guess from them would be far too long.
    const left = seconds > 1.5 && done > 4 ? (seconds / done) * (total - done) : null;
    say($('filming-text'), () => {
      if (left === null) return t('film.frame', { done, total });
      if (left < 60) return t('film.frameSeconds', { done, total, seconds: Math.max(1, Math.round(left)) });
      return t('film.frameMinutes', { done, total, minutes: Math.round(left / 60) });
    });
  }

  end() {
    const hadFocus = $('filming').contains(document.activeElement);
    $('filming').hidden = true;
    return hadFocus;
  }

  /** @param {{blob: Blob, video, audio, frames, width, height}} film @param {string} slug the clip's title as a file's name */
  show(film, slug, hadFocus) {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(film.blob);
    $('result-video').src = this.#url;
    say($('result-text'), () => result(film));
    const link = $('download');
    link.href = this.#url;
    link.download = `portraoke-${slug}.${film.blob.type.split('/')[1]}`;
    $('result').hidden = false;
    if (hadFocus) link.focus({ preventScroll: true });
    $('result').scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  #hint() {
    if (!this.#codecs) return;
    const format = $('export-format').value;
    const kind = format === 'webm' ? 'webm' : this.#codecs.aac ? 'mp4aac' : 'mp4opus';
    say($('format-hint'), () => t(this.possible ? `film.plays.${kind}` : 'film.noEncoder'));
  }
}

/** What has been made, in one line. */
function result({ blob, video, audio, frames, width, height }) {
  return t('film.result', {
    count: frames,
    width: String(width),
    height: String(height),
    size: number(blob.size / 1e6, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    codecs: audio ? t('film.codecs', { video: NAMES[video], audio: NAMES[audio] }) : t('film.silent', { video: NAMES[video] }),
  });
}
