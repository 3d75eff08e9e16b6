// Changes of the show, one after the other: each is brought on stage first and becomes the show only then. Where that cannot
// be done, the former show stays.

export class Changes {
  /** The show that is being brought on stage. @type {object|null} */
  wanted = null;
  #show;
  #director;
  #hooks;
  #busy = 0; // changes that the worker is at
  #queue = Promise.resolve();
  #queued = 0; // changes that are being made or wait for their turn

  /**
   * @param {{show: import('./show.js').Show, director: import('./director.js').Director, locked: () => boolean,
   *   began: (what: 'portrait'|'clip', next: object) => void, heard: (next: object, info: object, samples?: Float32Array) => void,
   *   arrived: (last: boolean) => void, failed: (error: Error) => void, ended: (before: object) => void, staged: () => Promise<void>}} hooks
   *   `locked`: nothing may change now; `began`, `arrived` (`last`: nothing else waits), `ended`: of a change that the worker has
   *   work with; `staged`: the show has changed in what costs nothing
   */
  constructor({ show, director, ...hooks }) {
    [this.#show, this.#director, this.#hooks] = [show, director, hooks];
  }

  get busy() {
    return this.#busy > 0;
  }

  /** The worker is gone, and with it what it was at. */
  forget() {
    this.#busy = 0;
  }

  /**
   * Changes the show and brings it on stage.
   * @param {(now: object) => object|null|undefined} edit the next show from the present one; nothing: no change
   * @param {string} [what] see `Show.take`
   * @param {(error: Error) => void} [complain] told why it cannot
   * @returns {Promise<boolean>} whether it is on stage
   */
  make(edit, what = '', complain = this.#hooks.failed) {
    return this.#enqueue(async () => {
      const next = edit(this.#show.now);
      if (!next) return false;
      return this.#step(next, () => this.#show.take(next, what), complain);
    });
  }

  /** What the page does by itself: no step to undo. @param {(now: object) => object|null} edit */
  settle(edit) {
    return this.#enqueue(async () => {
      const next = edit(this.#show.now);
      return next ? this.#bring(next, () => this.#show.settle(next)) : false;
    });
  }

  back() {
    return this.#travel(() => this.#show.before, () => this.#show.undo());
  }

  forward() {
    return this.#travel(() => this.#show.after, () => this.#show.redo());
  }

  /** Once more what another worker was at, or had: every show of it in turn. @param {object|null} unfinished */
  async again(unfinished, stopped) {
    const there = ({ cast, clip }) => cast.length || clip;
    if (unfinished) await this.#enqueue(() => this.#bring(unfinished, () => this.#show.take(unfinished)));
    const { now } = this.#show;
    if (now !== unfinished && there(now) && !stopped()) await this.#enqueue(() => this.#bring(this.#show.now, () => {}));
  }

  /** One step through what was. Where it cannot be brought on stage again, the page stays where it is. */
  #travel(where, step) {
    return this.#enqueue(async () => {
      const there = where(); // now: steps asked for before this one have been made
      return there ? this.#step(there, step, this.#hooks.failed) : false;
    });
  }

  /** Each change starts from what the one before has left. */
  #enqueue(work) {
    if (this.#hooks.locked()) return Promise.resolve(false);
    this.#queued++;
    const done = this.#queue.then(work).finally(() => this.#queued--);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** @param {() => void} accept called once `next` is on stage */
  async #step(next, accept, complain) {
    if (['portrait', 'clip'].includes(this.#director.missing(next))) return this.#bring(next, accept, complain);
    accept();
    await this.#hooks.staged();
    return true;
  }

  async #bring(next, accept, complain = this.#hooks.failed) {
    const { began, heard, arrived, failed, ended } = this.#hooks;
    const before = this.#show.now;
    const play = (show) => this.#director.play(show, (...clip) => heard(show, ...clip));
    this.wanted = next;
    this.#busy++;
    began(this.#director.missing(next) === 'portrait' ? 'portrait' : 'clip', next);
    try {
      await play(next);
      accept();
      arrived(this.#queued === 1);
      return true;
    } catch (error) {
      complain(error);
      if (!error.broken && this.#show.now !== next) await play(this.#show.now).catch(failed);
      return false;
    } finally {
      if (this.wanted === next) this.wanted = null;
      this.#busy = Math.max(0, this.#busy - 1);
      ended(before);
    }
  }
}
