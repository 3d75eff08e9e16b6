// A film with several faces: whose drives.
import { say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);

export class DriverFaces {
  #choose;

  /** @param {(face: {x: number, y: number}) => void} choose */
  constructor(choose) {
    this.#choose = choose;
  }

  /** @param {{x: number, y: number, picture: Blob}[]} [faces] the first drives unless another was chosen `at` @param {{x, y}} [at] */
  show(faces = [], at = faces[0]) {
    const box = $('driver-faces');
    for (const image of box.querySelectorAll('img')) URL.revokeObjectURL(image.src);
    box.hidden = faces.length < 2;
    box.replaceChildren(...(box.hidden ? [] : faces.map((face, i) => this.#button(face, i, face.x === at.x && face.y === at.y))));
  }

  #button({ x, y, picture }, i, drives) {
    const button = Object.assign(document.createElement('button'), { type: 'button' });
    button.dataset.testid = 'driver-face';
    button.setAttribute('aria-pressed', String(drives));
    const image = Object.assign(new Image(), { src: URL.createObjectURL(picture) });
    say(image, () => t('who.face', { n: i + 1 }), 'alt');
    button.append(image);
    button.addEventListener('click', () => this.#choose({ x, y }));
    return button;
  }
}
