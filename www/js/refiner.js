// The switch that shows the picture with and without the refiner, and the refiner's file, which is fetched once somebody
// is on stage: the first picture does not wait for it.
const $ = (id) => document.getElementById(id);

export class Refiner {
  #request;
  #changed;
  #available = false; // whether this worker can run it
  #loaded; // the worker's answer, one for each worker
  #plan;

  /** @param {{request: Function, changed: () => void}} hooks `request` as the engine's; `changed`: draw again */
  constructor({ request, changed }) {
    this.#request = request;
    this.#changed = changed;
    $('refine').addEventListener('change', () => this.load());
  }

  /** A worker has opened: only plans for the graphics card stay there from the frame to the screen. */
  opened({ adapter, backend }) {
    const first = this.#loaded === undefined;
    this.#available = backend.networks === 'plan';
    this.#loaded = false;
    // On a processor that acts as one the refiner costs more than all the rest.
    if (first) $('refine').checked = !adapter.is_fallback;
    $('refine').closest('label').hidden = !this.#available;
  }

  /** Has the worker use the refiner or not, as the switch says. The show goes on without it if it cannot be had. */
  async load() {
    const on = $('refine').checked;
    if (!this.#available || (on && this.#loaded === 'loading')) return;
    try {
      const needed = on && !this.#loaded;
      if (needed) this.#loaded = 'loading';
      if (needed) this.#plan ??= await fetched('models/refiner.plan');
      await this.#request('refiner', { plan: needed ? this.#plan : undefined, on: $('refine').checked });
      if (needed) this.#loaded = true;
      this.#changed();
    } catch (error) {
      if (error.cancelled || error.broken) return; // the next worker is asked again
      console.warn('Portraoke goes on without its refiner:', error);
      this.#available = false;
      $('refine').closest('label').hidden = true;
    }
  }
}

async function fetched(path) {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
