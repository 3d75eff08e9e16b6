// The one status line and the one error box.
import { say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);

/** @param {'loading'|'ready'|'analysing'|'playing'|'exporting'|'done'|'error'} state @param {string|(() => string)} text as `say` takes it */
export function setStatus(state, text) {
  $('status').dataset.state = state;
  say($('status-text'), text);
  $('loading').hidden = state !== 'loading';
  $('work-cancel').hidden = true;
}

/** Work of which one knows how much is done, and which can be cancelled. */
export function setProgress(text, part) {
  say($('status-text'), text);
  $('loading').value = part;
  $('loading').hidden = false;
  $('work-cancel').hidden = false;
}

export function setLoading(part) {
  $('loading').value = part;
}

/**
 * Shows one sentence until it is closed or the next thing succeeds.
 * @param {string|(() => string)} text as `say` takes it
 * @param {{restart?: boolean}} options `restart` offers the button that starts a new worker
 */
export function showError(text, { restart = false } = {}) {
  say($('error-text'), text);
  $('restart').hidden = !restart;
  $('dismiss').hidden = restart;
  $('error').hidden = false;
  setStatus('error', '');
  if (restart) $('restart').focus({ preventScroll: true });
  $('error').scrollIntoView({ block: 'nearest' });
}

export function clearError() {
  $('error').hidden = true;
}

export function onRestart(start) {
  $('restart').addEventListener('click', start);
}

export function onDismiss(dismissed) {
  $('dismiss').addEventListener('click', () => {
    clearError();
    dismissed();
  });
}

export const isGpuLoss = (reason) => /graphics card was lost/.test(reason);

/** The visitor may have no mouse at hand and no idea what a worker is: say what happened, not where. */
export function brokenSentence(reason) {
  return () => t(isGpuLoss(reason) ? 'error.gpuLost' : 'error.broken');
}
