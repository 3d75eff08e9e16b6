// The show: everything the visitor has decided, as plain data, with what was before to go back to. Photos and clips are in
// it by name only (vault.js has their bytes); director.js brings the stage to what it says.

const STEPS = 100; // that can be undone
const TOGETHER = 800; // ms within which changes of one slider are one step

/** The studio's `Controls` of one portrait, as they are best for most. */
export const CONTROLS = Object.freeze({
  mouth: 1,
  brows: 1,
  eyes: 1,
  head: 1,
  blink: 1,
  jawLimit: 1,
  gaze: 'driver',
  teeth: Object.freeze({ look: 'automatic', brightness: 1 }),
});

/**
 * @typedef {{id: string, photo: string, name: string, sample?: string, face: number, corrections: [number, [number, number]][],
 *   controls: object, mirrored: boolean, voice: string, part: number|null}} Member somebody on stage: a face of a photo.
 *   `voice` '' and `part` null: as the song has it
 * @typedef {{id: string, kind: 'score'|'recording'|'track', file: string, name: string, at?: {x, y}, mirrored?: boolean,
 *   lyrics?: string}} Clip what drives. `lyrics`: other words
 */

/** @returns {object} the show of a page that has just been opened */
export function emptyShow() {
  return {
    cast: [],
    chosen: '', // id of the member whose settings are shown
    chorus: false, // whether further portraits join or take the place of the one there
    together: { arrangement: 'unison', alike: false },
    clip: null,
    manner: { voice: '', expressiveness: 1, tempo: 1, transpose: 0, singer: null, verse: null },
    picture: { shape: 'own', layout: 'grid', fit: 'fill', backdrop: 'blur', captions: false, title: '' },
    trim: null, // [from, to] seconds
  };
}

export class Show {
  #now;
  #past = [];
  #future = [];
  #stamp = { what: '', at: -Infinity };

  constructor(now = emptyShow()) {
    this.#now = now;
  }

  get now() {
    return this.#now;
  }

  /**
   * Makes `next` the show, and what was there before a step to go back to.
   * @param {string} [what] changes of the same thing in quick succession are one step; '' is a step of its own
   */
  take(next, what = '') {
    const at = performance.now();
    const goesOn = what && what === this.#stamp.what && at - this.#stamp.at < TOGETHER;
    if (!goesOn) this.#past.push(this.#now);
    if (this.#past.length > STEPS) this.#past.shift();
    this.#future = [];
    this.#stamp = { what, at };
    this.#now = next;
  }

  /** Makes `next` the show without a step: what the page did by itself. */
  settle(next) {
    this.#now = next;
  }

  /** What `undo` and `redo` would lead to; undefined where there is nothing. */
  get before() {
    return this.#past.at(-1);
  }

  get after() {
    return this.#future.at(-1);
  }

  undo() {
    if (!this.#past.length) return;
    this.#future.push(this.#now);
    this.#now = this.#past.pop();
    this.#stamp.what = '';
  }

  redo() {
    if (!this.#future.length) return;
    this.#past.push(this.#now);
    this.#now = this.#future.pop();
    this.#stamp.what = '';
  }

  /** Names of photos and files that some step still needs. @returns {Set<string>} */
  get needed() {
    const shows = [this.#now, ...this.#past, ...this.#future];
    return new Set(shows.flatMap(({ cast, clip }) => [...cast.map(({ photo }) => photo), ...(clip ? [clip.file] : [])]));
  }
}

/** A show with changes in one of its parts: `changed(show, 'picture', {fit: 'fit'})`. */
export const changed = (show, part, values) => ({ ...show, [part]: { ...show[part], ...values } });

/** A show with changes to one member. */
export const withMember = (show, id, values) => ({
  ...show,
  cast: show.cast.map((member) => (member.id === id ? { ...member, ...values } : member)),
});
