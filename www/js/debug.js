// The panel behind `?debug`: what the page runs on and where its networks' time goes, for a visitor to send along.
import { number, say, sentence, t } from './i18n.js';

/** @param {string|(() => string)} [properties.text] as `say` takes it @returns {HTMLElement} */
function element(name, { text, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  if (text) say(made, text);
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
    const copy = element('button', { type: 'button', className: 'quiet', text: () => t('debug.copy') });
    copy.addEventListener('click', () => this.#copy(copy));
    const measure = element('button', { type: 'button', className: 'quiet', text: () => t('debug.measure') });
    measure.addEventListener('click', () => this.#measure());
    const summary = element('summary', { text: () => t('debug.title') });
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
        element('dd', typeof value === 'boolean' ? { text: () => t(value ? 'debug.yes' : 'debug.no') } : { textContent: value }),
      ]),
    );
  }

  async #measure() {
    try {
      const { networks } = await this.#profile();
      this.#report.networks = networks;
      this.#times.replaceChildren(...(networks.length ? networks.map(table) : [element('p', { text: () => t('debug.nothing') })]));
    } catch (error) {
      this.#times.replaceChildren(sentence(error.message));
    }
  }

  async #copy(button) {
    if (!this.#report.networks) await this.#measure();
    await navigator.clipboard.writeText(JSON.stringify(this.#report, null, 2)).then(
      () => say(button, () => t('debug.copied')),
      () => say(button, () => t('debug.notCopied')),
    );
  }
}

/** One network's operations and their times. */
function table({ name, dispatches, ms, ops }) {
  const row = (...texts) => element('tr', {}, ...texts.map((textContent) => element('td', { textContent })));
  const columns = ['operation', 'shape', 'ms'].map((column) => element('th', { text: () => t(`debug.${column}`) }));
  const rows = ops.map((op) => row(op.op, op.shape.join(' × '), op.ms.toFixed(3)));
  const caption = element('caption', {
    text: () => t('debug.network', { name, count: dispatches, ms: number(ms, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) }),
  });
  return element('table', {}, caption, element('thead', {}, element('tr', {}, ...columns)), element('tbody', {}, ...rows));
}
