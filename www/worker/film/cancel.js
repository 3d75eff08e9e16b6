// Cancelling at once, whatever is awaited: an encoder's queue must not hold the visitor.

/** What `film` throws when the visitor cancelled. */
export const CANCELLED = new Error('cancelled');

export class Cancel {
  #signal;
  #stopped;
  #stop;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.#signal = signal;
    this.#stopped = new Promise((_, reject) => (this.#stop = () => reject(CANCELLED)));
    this.#stopped.catch(() => {}); // nobody may be waiting
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  /** What `promise` answers, unless the visitor cancels before. */
  wait(promise) {
    this.check();
    return Promise.race([promise, this.#stopped]);
  }

  check() {
    if (this.#signal.aborted) throw CANCELLED;
  }

  async turn() {
    await turn();
    this.check();
  }

  end() {
    this.#signal.removeEventListener('abort', this.#stop);
  }
}

/** Lets waiting messages in (cancel!). A message channel, unlike a timer, is not slowed in a hidden tab. */
export function turn() {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(0);
  });
}
