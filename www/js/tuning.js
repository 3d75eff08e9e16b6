// Fine tuning of one portrait: how strongly each part moves, jaw, gaze, teeth, mirror, voice, and expressions to try.
import { number, onLanguage, option, say, t } from './i18n.js';
import { CONTROLS } from './show.js';

const $ = (id) => document.getElementById(id);
const REGIONS = ['mouth', 'head', 'brows', 'eyes'];

export class Tuning {
  #controls = CONTROLS;

  /**
   * @param {{controls: (controls: object, what: string) => void, member: (values: object) => void, expression: (key: string|null) => void,
   *   points: (on: boolean) => void}} hooks `controls`, `member`: of the chosen portrait; `expression`: to show; null: none
   */
  constructor(hooks) {
    this.hooks = hooks;
    for (const region of REGIONS) {
      const [on, strength] = [$(`${region}-on`), $(`${region}-strength`)];
      on.addEventListener('change', () => this.#change({ [region]: on.checked ? 1 : 0 }));
      strength.addEventListener('input', () => this.#change({ [region]: Number(strength.value) }, region));
    }
    $('jaw-limit').addEventListener('input', () => this.#change({ jawLimit: Number($('jaw-limit').value) }, 'jaw'));
    $('blink').addEventListener('input', () => this.#change({ blink: Number($('blink').value) }, 'blink'));
    $('gaze').addEventListener('change', () => this.#change({ gaze: GAZES[$('gaze').value] }));
    $('teeth').addEventListener('change', () => this.#change({ teeth: { ...this.#controls.teeth, look: $('teeth').value } }));
    $('teeth-light').addEventListener('input', () =>
      this.#change({ teeth: { ...this.#controls.teeth, brightness: Number($('teeth-light').value) } }, 'teeth'),
    );
    $('mirror').addEventListener('change', () => hooks.member({ mirrored: $('mirror').checked }));
    $('own-voice').addEventListener('change', () => hooks.member({ voice: $('own-voice').value }));
    $('own-part').addEventListener('change', () => hooks.member({ part: $('own-part').value === '' ? null : Number($('own-part').value) }));
    $('points').addEventListener('change', () => hooks.points($('points').checked));
    $('points-reset').addEventListener('click', () => hooks.member({ corrections: [] }));
    $('tuning-reset').addEventListener('click', () => hooks.member({ controls: CONTROLS, mirrored: false, voice: '', part: null, corrections: [] }));
    $('expressions').addEventListener('change', () => hooks.expression($('expressions').value || null));
    onLanguage(() => this.#say());
  }

  /** @param {string[]} keys of the expressions that the studio knows */
  offer(keys) {
    const choices = keys.map((key) => option(() => t(`expression.${key}`), key));
    $('expressions').replaceChildren(option(() => t('tuning.noExpression'), ''), ...choices);
  }

  /** @param {string|null} key of the expression that is shown; null, and what is not in the list: none */
  set expression(key) {
    $('expressions').value = key ?? '';
    if (!$('expressions').value) $('expressions').value = '';
  }

  /** @param {object|undefined} member the chosen one @param {{singers?: {name: string}[], kind?: string}|null} info of the clip @param {boolean} several */
  show(member, info, several) {
    $('tuning').hidden = !member;
    if (!member) return;
    this.#controls = { ...CONTROLS, ...member.controls };
    for (const region of REGIONS) {
      $(`${region}-on`).checked = this.#controls[region] > 0;
      $(`${region}-strength`).value = this.#controls[region];
    }
    $('jaw-limit').value = this.#controls.jawLimit;
    $('blink').value = this.#controls.blink;
    $('gaze').value = Object.keys(GAZES).find((key) => JSON.stringify(GAZES[key]) === JSON.stringify(this.#controls.gaze)) ?? 'driver';
    $('teeth').value = this.#controls.teeth.look;
    $('teeth-light').value = this.#controls.teeth.brightness;
    $('mirror').checked = member.mirrored;
    $('points-reset').hidden = !member.corrections.length;
    $('own-voice').value = member.voice;
    $('own-voice').closest('label').hidden = !several || info?.kind !== 'score';
    const singers = info?.singers ?? [];
    const parts = singers.map(({ name }, i) => option(() => name || t('manner.part', { n: i + 1 }), i));
    $('own-part').replaceChildren(option(() => t('together.inTurn'), ''), ...parts);
    $('own-part').value = member.part ?? '';
    $('own-part').closest('label').hidden = !several || singers.length < 2;
    say($('tuning-of'), () => member.name);
    $('tuning-of').hidden = !several;
    this.#say();
  }

  #change(values, what = '') {
    this.#controls = { ...this.#controls, ...values };
    this.#say();
    this.hooks.controls(this.#controls, what && `tuning ${what}`);
  }

  #say() {
    const percent = (id, value) => {
      const text = number(value, { style: 'percent', maximumFractionDigits: 0 });
      $(`${id}-text`).textContent = text;
      $(id).setAttribute('aria-valuetext', text);
    };
    for (const region of REGIONS) percent(`${region}-strength`, this.#controls[region]);
    percent('jaw-limit', this.#controls.jawLimit);
    percent('blink', this.#controls.blink);
    percent('teeth-light', this.#controls.teeth.brightness);
  }
}

/** The page's choices of gaze as the studio takes them; radians. */
const GAZES = {
  driver: 'driver',
  camera: 'camera',
  left: { fixed: { yaw: -0.35, pitch: 0 } },
  right: { fixed: { yaw: 0.35, pitch: 0 } },
  up: { fixed: { yaw: 0, pitch: -0.25 } },
  down: { fixed: { yaw: 0, pitch: 0.25 } },
};
