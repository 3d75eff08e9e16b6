// What is laid over the picture while nobody sings: faces of a photo to choose among, portraits of a chorus to adjust,
// points of a face to drag. It asks the worker where things are in the frame.

export class Overlay {
  /** Whether the points of the chosen face are shown. */
  points = false;
  #turn = 0; // a late answer must not lie over what has come since
  #stage;
  #hooks;

  /**
   * @param {import('./stage.js').Stage} stage
   * @param {{request: Function, edit: Function, face: (index: number) => void, choose: (id: string) => void}} hooks
   */
  constructor(stage, hooks) {
    this.#stage = stage;
    this.#hooks = hooks;
  }

  clear() {
    this.#turn++;
    this.#stage.clear();
  }

  /** @param {object} show @param {import('./director.js').Director} director */
  async show(show, director) {
    const { cast, chosen } = show;
    if (!cast.length) return this.clear();
    const turn = ++this.#turn;
    const { width, height } = this.#stage.pixels;
    // A worker that breaks says so elsewhere.
    const found = await this.#hooks.request('places', { width, height }).catch(() => null);
    if (!found || turn !== this.#turn || found.places.length !== cast.length) return;
    const shares = ({ x, y, width: w, height: h }) => ({ x: x / width, y: y / height, width: w / width, height: h / height });
    mark({ mouth: found.places[0].mouth, label: found.label }, shares);
    const at = Math.max(0, cast.findIndex(({ id }) => id === chosen));
    const place = found.places[at];
    const { faces } = director.singer(cast[at], show).photo;
    if (this.points) {
      const points = place.landmarks.map(([x, y]) => [x / width, y / height]);
      // Back from the frame to the photo.
      const photo = ([x, y]) => [(x * width - place.origin[0]) / place.scale[0], (y * height - place.origin[1]) / place.scale[1]];
      return this.#stage.offerPoints(points, (index, to) =>
        this.#hooks.edit(({ corrections }) => ({ corrections: [...corrections.filter(([i]) => i !== index), [index, photo(to)]] }), `point ${index}`));
    }
    if (cast.length === 1 && faces.length > 1) {
      const box = ({ x, y, width: w, height: h }) => {
        const [a, b] = [place.origin[0] + x * place.scale[0], place.origin[0] + (x + w) * place.scale[0]];
        return shares({ x: Math.min(a, b), y: place.origin[1] + y * place.scale[1], width: Math.abs(b - a), height: h * place.scale[1] });
      };
      return this.#stage.offerFaces(faces.map(box), cast[0].face, this.#hooks.face);
    }
    if (cast.length > 1) {
      return this.#stage.offerPortraits(
        cast.map(({ id, name }, i) => ({ box: shares(found.places[i].cell), name, chosen: i === at, choose: () => this.#hooks.choose(id) })),
      );
    }
    this.clear();
  }
}

/** Where lips and label are, as shares of the frame, for tests and tools that measure the video. */
function mark(boxes, shares) {
  for (const [name, box] of Object.entries(boxes)) document.getElementById('preview').dataset[name] = JSON.stringify(shares(box));
}
