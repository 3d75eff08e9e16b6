// Take it home: format, size and rate; progress and cancel; and the finished file, to keep, share or copy.
import { FORMATS, evenly, limited, writes } from '../worker/film/formats.js';
import { list, number, onLanguage, say, t } from './i18n.js';
import { Result } from './result.js';

const $ = (id) => document.getElementById(id);
const LONGEST = { 480: 854, 720: 1280, 1080: 1920, 2160: 3840 }; // the long side belonging to each short side

export class Filming {
  #codecs = null;
  #startedAt = 0;
  #stage = null; // {picture, clip}: what is on stage
  #known = new Map(); // by format and size: what a frame has cost here, {seconds, bytes}
  #wanted = null; // what is being made
  #result = new Result();

  /** @param {{start: () => void, cancel: () => void}} hooks */
  constructor(hooks) {
    $('export').addEventListener('click', hooks.start);
    $('export-cancel').addEventListener('click', () => {
      $('export-cancel').disabled = true;
      hooks.cancel();
    });
    for (const id of ['export-format', 'export-size', 'export-fps']) $(id).addEventListener('change', () => this.#hint());
    onLanguage(() => this.#hint());
  }

  /** @param {Object<string, boolean>} codecs what this browser can write, see `worker/film/formats.js` */
  offer(codecs) {
    this.#codecs = codecs;
    const select = $('export-format');
    const missing = [];
    for (const option of select.options) {
      option.disabled = !writes(option.value, codecs);
      if (option.disabled) missing.push(option.value);
    }
    if (select.selectedOptions[0].disabled) select.value = [...select.options].find((option) => !option.disabled).value;
    const reason = (format) => t('film.missing', { name: t(`film.formats.${format}`), reason: t(`film.needs.${format}`) });
    say($('film-missing'), () => missing.map(reason).join(t('join.sentences')));
    this.#hint();
  }

  /** Whether anything can be written: known once the worker has opened; a still always can. */
  get possible() {
    return Boolean(this.#codecs);
  }

  /** What kind of file would be made: film, animation, still or sound. */
  get kind() {
    return FORMATS[$('export-format').value].kind;
  }

  /**
   * Tells what is on stage, so that the panel can say what would come out.
   * @param {{width, height} | null} picture @param {{duration, sample_rate, channels, from?: number, to?: number} | null} clip with its cut, if any
   */
  about(picture, clip) {
    this.#stage = picture && clip ? { picture, clip } : null;
    this.#hint();
  }

  /**
   * What is to be filmed, as the worker's `film` wants it.
   * @param {{width, height}} picture the frame's shape
   * @param {{duration: number, longest?: number, fps?: number, from?: number, to?: number, time?: number}} options
   *   `longest` and `fps` override the choices; `from` and `to` cut, seconds; `time` is the moment of a still or cover
   */
  wanted(picture, { duration, longest, fps = Number($('export-fps').value), from = 0, to = duration, time }) {
    const short = Number($('export-size').value);
    const [least, most] = [Math.min(picture.width, picture.height), Math.max(picture.width, picture.height)];
    const scale = longest ? longest / most : Math.min(short / least, LONGEST[short] / most);
    // A still is what the stage shows; a film's cover too, unless that is its first moment, before anybody sings.
    const chosen = this.kind === 'still' || (time > from && time < to) ? time : undefined;
    return limited({ format: $('export-format').value, ...evenly(picture, scale), fps, from, to, time: chosen });
  }

  begin(wanted) {
    this.#wanted = wanted;
    this.#startedAt = performance.now();
    $('filming').hidden = false;
    $('export-cancel').disabled = false;
    $('export-progress').value = 0;
    $('filming-text').textContent = '';
    $('export-cancel').focus({ preventScroll: true });
  }

  progress(done, total) {
    $('export-progress').value = done / total;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    // The first frames also pay for shaders and encoders; a guess from them would be far too long.
    const left = seconds > 1.5 && done > 4 ? (seconds / done) * (total - done) : null;
    const frames = FORMATS[this.#wanted.format].kind !== 'sound';
    say($('filming-text'), () => {
      const time = left === null ? '' : t('film.left', { time: timeLeft(left) });
      return list([frames ? t('film.frame', { done, total }) : '', time]);
    });
  }

  end() {
    const hadFocus = $('filming').contains(document.activeElement);
    $('filming').hidden = true;
    return hadFocus;
  }

  /** @param {object} film what the worker made @param {string} slug the clip's title as a file's name */
  show(film, slug, hadFocus) {
    const { frames, blob } = film;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    if (frames > 24) this.#known.set(similar(this.#wanted), { seconds: seconds / frames, bytes: blob.size / frames });
    this.#result.show(film, slug, hadFocus);
    this.#hint();
  }

  #hint() {
    if (!this.#codecs) return;
    const format = $('export-format').value;
    const { kind, most } = FORMATS[format];
    say($('export'), () => t(`film.make.${kind}`));
    const locked = $('export-format').disabled;
    $('export-size').disabled = locked || kind === 'sound';
    $('export-fps').disabled = locked || kind === 'sound' || kind === 'still';
    const silenced = format.startsWith('mp4') && !this.#codecs.aac;
    const unable = !['mp4', 'webm', 'mp4-av1', 'webm-av1'].some((name) => writes(name, this.#codecs));
    const hints = [unable && t('film.noEncoder'), t(`film.hints.${format}`), silenced && t('film.opusInMp4'), most && t('film.most', most)];
    $('format-hint').textContent = hints.filter(Boolean).join(t('join.sentences'));
    $('film-estimate').textContent = this.#estimate(format, kind);
  }

  /** What would come out: exact where it is known beforehand, from the last file of its format where there is one. */
  #estimate(format, kind) {
    if (!this.#stage) return '';
    const { picture, clip } = this.#stage;
    const wanted = this.wanted(picture, { duration: clip.duration, from: clip.from, to: clip.to });
    const { width, height, fps, from, to } = wanted;
    const seconds = to - from;
    if (kind === 'sound') {
      const rate = format === 'wav' ? clip.sample_rate * clip.channels * 2 : 16_000;
      return t('film.soundSize', { length: clock(seconds), size: megabytes(seconds * rate) });
    }
    const frames = kind === 'still' ? 1 : Math.ceil(seconds * fps - 1e-6);
    const known = this.#known.get(similar(wanted));
    const cost = known ? t('film.cost', { size: megabytes(known.bytes * frames), time: timeLeft(known.seconds * frames) }) : '';
    const size = { width: String(width), height: String(height) };
    const said = kind === 'still' ? t('film.stillSize', size) : t('film.filmSize', { ...size, length: clock(seconds), count: frames });
    return [said, cost].filter(Boolean).join(t('join.sentences'));
  }
}

/** Seconds as one would say them. */
export function timeLeft(seconds) {
  if (seconds < 60) return t('film.seconds', { count: Math.max(1, Math.round(seconds)) });
  return t('film.minutes', { count: Math.round(seconds / 60) });
}

export const megabytes = (bytes) => t('film.megabytes', { size: number(bytes / 1e6, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });

/** Minutes and seconds. */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

/** What makes two files cost alike, frame by frame. */
const similar = ({ format, width, height }) => `${format} ${width} ${height}`;
