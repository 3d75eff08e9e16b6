// Play, seek, undo and redo: the row under the stage, and its keys.
import { clock } from './filming.js';
import { say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);
const WRITING = 'input:not([type=range], [type=checkbox], [type=radio]), textarea';

export class Transport {
  /** @param {{toggle: () => void, seek: (time: number) => void, back: () => void, forward: () => void}} hooks */
  constructor({ toggle, seek, back, forward }) {
    $('play').addEventListener('click', toggle);
    $('seek').addEventListener('input', () => seek(Number($('seek').value)));
    $('undo').addEventListener('click', back);
    $('redo').addEventListener('click', forward);
    document.addEventListener('keydown', (event) => {
      if (event.key === ' ' && event.target === document.body && !$('play').disabled) {
        event.preventDefault();
        toggle();
      } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !event.target.closest?.(WRITING)) {
        event.preventDefault(); // in a text the browser undoes what was typed
        if (event.shiftKey) forward();
        else back();
      }
    });
  }

  /** Seconds of the clip, and how many it has. */
  show(time, whole) {
    const part = whole ? time / whole : 0;
    const seek = $('seek');
    seek.max = whole || 1;
    seek.value = time;
    seek.style.setProperty('--at', `${part * 100}%`);
    say(seek, () => t('stage.positionOf', { time: clock(time), whole: clock(whole) }), 'aria-valuetext');
    $('clock').textContent = `${clock(time)} / ${clock(whole)}`;
    $('wordmark').style.setProperty('--sung', part.toFixed(4));
  }

  playing(on) {
    $('play').classList.toggle('playing', on);
    say($('play'), () => t(on ? 'stage.pause' : 'stage.play'), 'aria-label');
  }

  /** What can be used now. @param {{play: boolean, back: boolean, forward: boolean}} can */
  enable({ play, back, forward }) {
    $('play').disabled = $('seek').disabled = !play;
    $('undo').disabled = !back;
    $('redo').disabled = !forward;
  }
}
