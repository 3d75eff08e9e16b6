// The canvas on the page: how large it is shown, how many pixels it gets, and the face picker laid over it.
import { say, t } from './i18n.js';

const LONGEST = 1080; // preview pixels on the long side; more costs battery and shows nothing
const LONGEST_SOFTWARE = 400; // without a graphics card

export class Stage {
  #frame = document.getElementById('frame');
  #invitation = document.getElementById('invitation');
  #faces = document.getElementById('faces');
  #picture = null; // {width, height} of the portrait
  #limit = LONGEST;
  #changed;

  /** @param {{longest?: number, changed: () => void}} options `changed`: the picture must be drawn again */
  constructor({ longest, changed }) {
    this.#changed = changed;
    if (longest) this.#limit = longest;
    this.fixed = Boolean(longest);
    new ResizeObserver(() => this.#layout()).observe(this.#frame);
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

  /** @param {{width: number, height: number} | null} picture null empties the stage */
  show(picture) {
    this.#picture = picture;
    this.#canvas.hidden = !picture;
    this.#invitation.hidden = Boolean(picture);
    this.#faces.hidden = true;
    if (!picture) return;
    this.#frame.classList.remove('fresh');
    void this.#frame.offsetWidth; // restarts the entrance
    this.#frame.classList.add('fresh');
    this.#layout();
  }

  /** The size, in pixels, that the preview is drawn at. */
  get pixels() {
    if (!this.#picture) return { width: 2, height: 2 };
    const shown = Math.max(this.#canvas.clientWidth, this.#canvas.clientHeight) * devicePixelRatio;
    const longest = this.fixed ? this.#limit : Math.min(this.#limit, Math.max(64, shown));
    return fitted(this.#picture, longest / Math.max(this.#picture.width, this.#picture.height));
  }

  /** Buttons over the faces, when there are several. */
  offerFaces(faces, chosen, choose) {
    this.#faces.hidden = faces.length < 2;
    this.#faces.replaceChildren(
      ...faces.map((face, i) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.testid = 'face-choice';
        button.setAttribute('aria-pressed', String(i === chosen));
        const part = (value, whole) => `${(100 * value) / whole}%`;
        Object.assign(button.style, {
          left: part(face.x, this.#picture.width),
          top: part(face.y, this.#picture.height),
          width: part(face.width, this.#picture.width),
          height: part(face.height, this.#picture.height),
        });
        const name = document.createElement('span');
        say(name, () => t('who.face', { n: i + 1 }));
        button.append(name);
        button.addEventListener('click', () => choose(i));
        return button;
      }),
    );
    this.#layout();
  }

  /** On a phone the choices lie below the stage: whoever was chosen there comes into sight. */
  scrollIntoSight() {
    const { top, bottom } = this.#frame.getBoundingClientRect();
    if (top >= -40 && bottom <= innerHeight) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#frame.closest('.stage').scrollIntoView({ block: 'start', behavior: still ? 'auto' : 'smooth' });
  }

  hideFaces() {
    this.#faces.hidden = true;
  }

  #layout() {
    if (!this.#picture) return;
    const border = 22; // the frame drawn around the canvas
    const room = { width: this.#frame.clientWidth - border, height: this.#frame.clientHeight - border };
    const scale = Math.min(room.width / this.#picture.width, room.height / this.#picture.height);
    if (scale <= 0) return;
    const size = { width: `${Math.round(this.#picture.width * scale)}px`, height: `${Math.round(this.#picture.height * scale)}px` };
    Object.assign(this.#canvas.style, size, { boxSizing: 'content-box' });
    Object.assign(this.#faces.style, size);
    this.#changed();
  }
}

/** Even sides, as H.264 wants them. */
export function fitted({ width, height }, scale) {
  const even = (x) => Math.max(2, Math.round((x * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}
