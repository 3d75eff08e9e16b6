// The canvas on the page: how large it is shown, how many pixels it gets, and what is laid over it: buttons on faces and
// portraits, points to drag.
import { evenly } from '../worker/film/formats.js';
import { say, t } from './i18n.js';

const LONGEST = 1080; // preview pixels on the long side; more costs battery and shows nothing
const LONGEST_SOFTWARE = 400; // without a graphics card
const BORDER = 22; // of the frame drawn around the canvas

/** iBUG points that can be dragged: enough to mend a fit, few enough to tell apart. */
const POINTS = [0, 4, 8, 12, 16, 17, 19, 21, 22, 24, 26, 30, 36, 37, 39, 41, 42, 44, 45, 46, 48, 51, 54, 57, 62, 66];

export class Stage {
  #frame = document.getElementById('frame');
  #invitation = document.getElementById('invitation');
  #over = document.getElementById('faces');
  #aspect = null; // width by height of the picture
  #limit = LONGEST;
  #changed;

  /** @param {{longest?: number, changed: () => void}} options `changed`: the picture must be drawn again */
  constructor({ longest, changed }) {
    this.#changed = changed;
    if (longest) this.#limit = longest;
    this.fixed = Boolean(longest);
    new ResizeObserver(() => this.#layout()).observe(this.#frame);
    // On a phone the choices lie below: the picture stays in sight, small, where the house has been scrolled away.
    const house = this.#frame.parentElement;
    const follow = ([{ isIntersecting }]) => house.parentElement.classList.toggle('away', !isIntersecting);
    new IntersectionObserver(follow, { rootMargin: '-24% 0px 0px 0px' }).observe(house);
  }

  get #canvas() {
    return document.getElementById('preview');
  }

  /** A canvas can be handed to one worker only; a new worker needs a new one. */
  takeCanvas() {
    const fresh = this.#canvas.cloneNode();
    this.#canvas.replaceWith(fresh);
    return fresh.transferControlToOffscreen();
  }

  useSoftwareLimit() {
    if (!this.fixed) this.#limit = LONGEST_SOFTWARE;
    this.#layout();
  }

  /** @param {number|null} aspect width by height; null empties the stage */
  show(aspect) {
    const entering = aspect && !this.#aspect;
    if (aspect === this.#aspect) return;
    this.#aspect = aspect;
    this.#canvas.hidden = !aspect;
    this.#invitation.hidden = Boolean(aspect);
    if (!aspect) return this.clear();
    if (entering) {
      this.#frame.classList.remove('fresh');
      void this.#frame.offsetWidth; // restarts the entrance
      this.#frame.classList.add('fresh');
    }
    this.#layout();
  }

  /** The size, in pixels, that the preview is drawn at. */
  get pixels() {
    if (!this.#aspect) return { width: 2, height: 2 };
    const shown = Math.max(this.#canvas.clientWidth, this.#canvas.clientHeight) * devicePixelRatio;
    const longest = this.fixed ? this.#limit : Math.min(this.#limit, Math.max(64, shown));
    return evenly({ width: this.#aspect, height: 1 }, longest / Math.max(this.#aspect, 1));
  }

  /** Nothing over the picture. */
  clear() {
    this.#over.hidden = true;
    this.#over.replaceChildren();
  }

  /**
   * Buttons over the faces of a photo.
   * @param {{x, y, width, height}[]} boxes shares of the picture
   */
  offerFaces(boxes, chosen, choose) {
    this.#offer(boxes.map((box, i) => this.#button(box, 'face-choice', () => t('who.face', { n: i + 1 }), i === chosen, () => choose(i))));
  }

  /** Buttons over the portraits of a chorus. @param {{box: object, name: string, chosen: boolean, choose: () => void}[]} portraits */
  offerPortraits(portraits) {
    this.#offer(portraits.map(({ box, name, chosen, choose }) => this.#button(box, 'portrait-cell', () => t('who.adjustNamed', { name }), chosen, choose)));
  }

  /**
   * Points of a face to drag, with the mouse, a finger or the arrow keys.
   * @param {[number, number][]} points the 68, shares of the picture
   * @param {(index: number, at: [number, number]) => void} moved called when a point is let go
   */
  offerPoints(points, moved) {
    this.#offer(POINTS.map((index) => this.#point(index, points[index], moved)));
  }

  #offer(things) {
    const focused = this.#over.contains(document.activeElement) && document.activeElement.dataset.of;
    this.#over.hidden = !things.length;
    this.#over.replaceChildren(...things);
    if (focused) this.#over.querySelector(`[data-of="${focused}"]`)?.focus({ preventScroll: true });
    this.#layout();
  }

  #button({ x, y, width, height }, testid, name, pressed, press) {
    const button = Object.assign(document.createElement('button'), { type: 'button' });
    button.dataset.testid = testid;
    button.setAttribute('aria-pressed', String(pressed));
    const percent = (share) => `${100 * share}%`;
    Object.assign(button.style, { left: percent(x), top: percent(y), width: percent(width), height: percent(height) });
    const text = document.createElement('span');
    say(text, name);
    button.append(text);
    button.addEventListener('click', press);
    return button;
  }

  #point(index, [x, y], moved) {
    const handle = Object.assign(document.createElement('button'), { type: 'button', className: 'point' });
    Object.assign(handle.dataset, { testid: 'face-point', of: `point-${index}`, point: index });
    say(handle, () => t('tuning.point', { number: index + 1 }), 'aria-label');
    let at = [x, y];
    const place = () => Object.assign(handle.style, { left: `${100 * at[0]}%`, top: `${100 * at[1]}%` });
    place();
    const within = (value) => Math.min(1, Math.max(0, value));
    handle.addEventListener('pointerdown', (event) => {
      // Handles are as large as fingers and lie over each other on closed lips: the nearest is meant.
      const nearest = this.#nearestPoint(event);
      if (nearest !== handle) return nearest.dispatchEvent(new PointerEvent(event.type, event));
      handle.setPointerCapture(event.pointerId);
      const box = this.#over.getBoundingClientRect();
      const from = [event.clientX, event.clientY];
      const before = at;
      handle.onpointermove = ({ clientX, clientY }) => {
        at = [within(before[0] + (clientX - from[0]) / box.width), within(before[1] + (clientY - from[1]) / box.height)];
        place();
      };
      handle.onpointerup = () => {
        handle.onpointermove = handle.onpointerup = null;
        handle.focus({ preventScroll: true });
        if (at !== before) moved(index, at);
      };
    });
    const STEP = 0.004; // shares of the picture
    const steps = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    let touched = false;
    handle.addEventListener('keydown', (event) => {
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      at = [within(at[0] + step[0]), within(at[1] + step[1])];
      touched = true;
      place();
    });
    handle.addEventListener('keyup', () => {
      if (!touched) return;
      touched = false;
      moved(index, at);
    });
    return handle;
  }

  #nearestPoint({ clientX, clientY }) {
    const distance = (handle) => {
      const { left, top, width, height } = handle.getBoundingClientRect();
      return Math.hypot(clientX - left - width / 2, clientY - top - height / 2);
    };
    return [...this.#over.querySelectorAll('.point')].reduce((best, handle) => (distance(handle) < distance(best) ? handle : best));
  }

  /** On a phone the choices lie below the stage: whoever was chosen there comes into sight. */
  scrollIntoSight() {
    const { top, bottom } = this.#frame.parentElement.getBoundingClientRect();
    if (top >= -40 && bottom <= innerHeight) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#frame.closest('.stage').scrollIntoView({ block: 'start', behavior: still ? 'auto' : 'smooth' });
  }

  #layout() {
    if (!this.#aspect) return;
    const room = { width: this.#frame.clientWidth - BORDER, height: this.#frame.clientHeight - BORDER };
    const height = Math.min(room.height, room.width / this.#aspect);
    if (height <= 0) return;
    const size = { width: `${Math.round(height * this.#aspect)}px`, height: `${Math.round(height)}px` };
    Object.assign(this.#canvas.style, size, { boxSizing: 'content-box' });
    Object.assign(this.#over.style, size);
    this.#changed();
  }
}
