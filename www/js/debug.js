// The panel behind `?debug`: what the page runs on and where its networks' time goes, for a visitor to send along.
import { words } from './words.js';

/** @returns {HTMLElement} */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export class Debug {
  #report = { agent: navigator.userAgent, address: location.search };
  #facts = element('dl');
  #times = element('div');
  #profile;

  /** @param {{profile: () => Promise<{networks: object[]}>}} hooks */
  constructor({ profile }) {
    this.#profile = profile;
    const copy = element('button', { type: 'button', className: 'quiet', textContent: words.debug.copy });
    copy.addEventListener('click', () => this.#copy(copy));
    const measure = element('button', { type: 'button', className: 'quiet', textContent: words.debug.measure });
    measure.addEventListener('click', () => this.#measure());
    const summary = element('summary', { textContent: words.debug.title });
    const panel = element('details', { className: 'debug' }, summary, this.#facts, this.#times, element('p', {}, measure, copy));
    panel.dataset.testid = 'debug';
    document.querySelector('footer').after(panel);
  }

  /** @param {{adapter: object, backend: object}} opened what the worker said when it opened */
  show({ adapter, backend }) {
    Object.assign(this.#report, { backend, adapter });
    const facts = {
      backend: `${backend.backend}, ${backend.drawing}`,
      adapter: [backend.name, adapter.name, adapter.driver].filter(Boolean).join(', '),
      ...adapter.features,
      ...adapter.limits,
    };
    this.#facts.replaceChildren(
      ...Object.entries(facts).flatMap(([name, value]) => [
        element('dt', { textContent: name }),
        element('dd', { textContent: words.debug.value(value) }),
      ]),
    );
  }

  async #measure() {
    try {
      const { networks } = await this.#profile();
      this.#report.networks = networks;
      this.#times.replaceChildren(...(networks.length ? networks.map(table) : [words.debug.nothing]));
    } catch (error) {
      this.#times.replaceChildren(error.message);
    }
  }

  async #copy(button) {
    if (!this.#report.networks) await this.#measure();
    await navigator.clipboard.writeText(JSON.stringify(this.#report, null, 2)).then(
      () => (button.textContent = words.debug.copied),
      () => (button.textContent = words.debug.notCopied),
    );
  }
}

/** One network's operations and their times. */
function table({ name, dispatches, ms, ops }) {
  const row = (cell, ...texts) => element('tr', {}, ...texts.map((textContent) => element(cell, { textContent })));
  const head = row('th', ...words.debug.columns);
  const rows = ops.map((op) => row('td', op.op, op.shape.join(' × '), op.ms.toFixed(3)));
  const caption = element('caption', { textContent: words.debug.network(name, dispatches, ms) });
  return element('table', {}, caption, element('thead', {}, head), element('tbody', {}, ...rows));
}
