// The picture: its shape, how photos fill it, what is behind them, words and title on it.
const $ = (id) => document.getElementById(id);

/** Width by height; a portrait's own where there is none. */
export const SHAPES = { own: null, '9:16': 9 / 16, '1:1': 1, '4:5': 4 / 5, '16:9': 16 / 9 };

/** The frame's width by height. @param {object} show @param {{width, height}|undefined} photo of the first on stage */
export function aspect({ picture, cast }, photo) {
  const shape = SHAPES[picture.shape];
  if (shape) return shape;
  const alone = cast.length < 2 || picture.layout === 'group';
  return alone && photo ? photo.width / photo.height : 1;
}

export class PictureChoices {
  #typing = 0; // letters of the title on their way into the show: an older title must not come over them

  /** @param {(values: object, what?: string) => Promise} changed */
  constructor(changed) {
    for (const input of document.querySelectorAll('input[name=shape]')) input.addEventListener('change', () => changed({ shape: input.value }));
    for (const id of ['fit', 'backdrop']) $(id).addEventListener('change', () => changed({ [id]: backdropOf($(id).value) }));
    $('burn').addEventListener('change', () => changed({ captions: $('burn').checked }));
    $('title').addEventListener('input', async () => {
      this.#typing++;
      await changed({ title: $('title').value }, 'title');
      this.#typing--;
    });
  }

  show({ picture }) {
    for (const input of document.querySelectorAll('input[name=shape]')) input.checked = input.value === picture.shape;
    $('fit').value = picture.fit;
    $('backdrop').value = typeof picture.backdrop === 'string' ? picture.backdrop : `colour ${picture.backdrop.colour.join(' ')}`;
    $('burn').checked = picture.captions;
    if (!this.#typing) $('title').value = picture.title;
  }
}

/** "blur", "colour 251 231 225", or any other choice as it is. */
function backdropOf(value) {
  const [kind, ...parts] = value.split(' ');
  return kind === 'colour' ? { colour: parts.map(Number) } : value;
}
