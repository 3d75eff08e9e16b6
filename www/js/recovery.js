// Whether the page starts again by itself after it lost the graphics card: not when that keeps happening.

const APART = 60_000; // ms between two losses that are taken for accidents

export class Recovery {
  #last = -Infinity;

  /** Notes a loss. @returns {boolean} whether to go on without asking */
  lost(now = performance.now()) {
    const alone = now - this.#last >= APART;
    this.#last = now;
    return alone;
  }
}
