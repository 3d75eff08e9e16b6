// Where a film begins and ends within the clip.
import { clock } from './filming.js';

const $ = (id) => document.getElementById(id);
const SHORTEST = 0.5; // seconds

export class Trim {
  /** @param {{changed: (range: [number, number]|null) => void, duration: () => number}} hooks null: all of it */
  constructor({ changed, duration }) {
    for (const id of ['trim-from', 'trim-to']) {
      $(id).addEventListener('input', () => {
        let [from, to] = [Number($('trim-from').value), Number($('trim-to').value)];
        // Each pushes the other before it.
        if (id === 'trim-from') to = Math.max(to, from + SHORTEST);
        else from = Math.min(from, to - SHORTEST);
        const whole = duration();
        const range = [Math.max(0, Math.min(from, whole - SHORTEST)), Math.min(whole, Math.max(to, SHORTEST))];
        const all = range[0] <= 0 && range[1] >= whole - 0.05;
        this.show(all ? null : range, whole);
        changed(all ? null : range);
      });
    }
  }

  show(range, duration) {
    const [from, to] = range ?? [0, duration];
    for (const [id, value] of [['trim-from', from], ['trim-to', to]]) {
      $(id).max = duration || 1;
      $(id).value = value;
      $(`${id}-text`).textContent = clock(value);
      $(id).setAttribute('aria-valuetext', clock(value));
    }
    const part = (time) => `${duration ? (100 * time) / duration : 0}%`;
    $('seek').style.setProperty('--from', part(from));
    $('seek').style.setProperty('--to', part(to));
  }

  lock(locked) {
    for (const id of ['trim-from', 'trim-to']) $(id).disabled = locked;
  }
}
