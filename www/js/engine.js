// The page's end of the worker: requests as promises, and what happens to them when the worker breaks.

/** An error whose message is a sentence for the visitor. `broken`: the worker must be replaced. */
export class EngineError extends Error {
  constructor(message, { broken = false, cancelled = false } = {}) {
    super(message);
    this.broken = broken;
    this.cancelled = cancelled;
  }
}

export class Engine {
  #worker;
  #waiting = new Map();
  #next = 0;
  #ended; // why there is no worker any more
  #hooks;

  /** @param {{loading, filming, broken}} hooks called on the worker's own events */
  constructor(hooks) {
    this.#hooks = hooks;
    this.#worker = new Worker(new URL('../worker.js', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#break(event.message || 'the worker could not be started');
    };
  }

  /** @returns {Promise<any>} the answer; rejects with an EngineError */
  request(name, input = {}, transfer = []) {
    if (!this.#worker) return Promise.reject(this.#ended);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, input }, transfer);
    });
  }

  get stopped() {
    return !this.#worker;
  }

  /** Asks the film in the making to stop; its own request then rejects with `cancelled`. */
  cancel() {
    this.#worker?.postMessage({ name: 'cancel' });
  }

  /** Ends the worker. Requests under way reject with `reason`, by default as if the visitor had cancelled them. */
  stop(reason = new EngineError('stopped', { cancelled: true })) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #receive({ id, output, error, broken, cancelled, event, ...rest }) {
    if (event === 'broken') return this.#break(rest.message);
    if (event === 'gpu-lost') return this.#break('the graphics card was lost');
    if (event) return this.#hooks[event]?.(rest);
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (broken) this.#break(error);
    if (error === undefined) request?.resolve(output);
    else request?.reject(new EngineError(error, { broken, cancelled }));
  }

  #break(message) {
    if (!this.#worker) return;
    this.stop(new EngineError(message, { broken: true }));
    this.#hooks.broken?.(message);
  }
}
