// Who sings: sample portraits, the file input, drop and paste, and the list of those on stage. What is dropped and is no
// picture goes to the songs.
import { say, sentence, sentences, t } from './i18n.js';
import { MOST } from './members.js';

const $ = (id) => document.getElementById(id);

export class Cast {
  #thumbs = new Map(); // file -> object URL
  #hooks;
  #samples = [];
  #base;

  /**
   * @param {{brought: (photos: {blob: Blob, name: string, sample?: string}[]) => void, chosen: (id: string) => void,
   *   removed: (id: string) => void, moved: (id: string, by: number) => void, everybody: (id: string) => void,
   *   driver: (file: File) => void, complain: (text: string | (() => string)) => void, blob: (file: string) => Blob}} hooks
   */
  constructor(hooks) {
    this.#hooks = hooks;
    const input = $('portrait-input');
    input.addEventListener('change', () => {
      this.#bring([...input.files]);
      input.value = ''; // the same file can then be chosen again
    });
    // For the mouse and finger only: to the keyboard and to screen readers it would be the same button twice.
    $('invitation').addEventListener('click', () => input.click());
    this.#acceptDrops();
    document.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.#bring(files);
    });
  }

  /** @param {{id, name, file, alt}[]} catalogue with `file` relative to `base` */
  offer(catalogue, base) {
    [this.#samples, this.#base] = [catalogue, base];
    $('cast').replaceChildren(
      ...catalogue.map((sample) => {
        const url = new URL(sample.file, base).href;
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.testid = 'portrait-sample';
        button.dataset.sample = sample.id;
        button.title = sample.name;
        say(button, () => `${sample.name}: ${sentence(sample.alt)}`, 'aria-label');
        button.setAttribute('aria-pressed', 'false');
        const image = new Image();
        image.src = sample.thumb ? new URL(sample.thumb, base).href : url;
        image.alt = '';
        button.append(image);
        button.addEventListener('click', async () => {
          const found = await this.sample(sample.id);
          if (found) this.#hooks.brought([found]);
          else this.#hooks.complain(() => t('page.missingFile', { name: sample.name }));
        });
        return button;
      }),
    );
  }

  /** A sample portrait, fetched. @returns {Promise<{blob: Blob, name: string, sample: string}|null>} */
  async sample(id) {
    const sample = this.#samples.find((one) => one.id === id);
    const response = sample && (await fetch(new URL(sample.file, this.#base)).catch(() => null));
    return response?.ok ? { blob: await response.blob(), name: sample.name, sample: id } : null;
  }

  /**
   * Shows who is on stage.
   * @param {object} show
   * @param {(member: object) => import('./director.js').Singer|undefined} singerOf
   */
  show({ cast, chosen, chorus }, singerOf) {
    const samples = new Set(cast.map(({ sample }) => sample).filter(Boolean));
    for (const button of $('cast').children) button.setAttribute('aria-pressed', String(samples.has(button.dataset.sample)));
    const list = $('on-stage');
    const focused = document.activeElement?.closest?.('[data-testid=portrait-item]') && document.activeElement.dataset.of;
    const files = new Set(cast.map(({ photo }) => photo));
    for (const [file, url] of this.#thumbs) {
      if (files.has(file)) continue;
      URL.revokeObjectURL(url);
      this.#thumbs.delete(file);
    }
    list.hidden = !cast.length;
    list.classList.toggle('several', cast.length > 1);
    list.replaceChildren(...cast.map((member, i) => this.#item(member, i, cast, chosen, singerOf(member))));
    // Whoever takes a portrait away with the keyboard goes on at the next, or where another is brought.
    const next = focused && (list.querySelector(`[data-of="${CSS.escape(focused)}"]`) ?? list.querySelector('[data-testid=portrait-remove]') ?? $('portrait-input'));
    if (next) next.focus({ preventScroll: true });
    $('portrait-input').multiple = chorus;
    const full = cast.length >= MOST;
    $('cast-count').hidden = !chorus;
    say($('cast-count'), () => t(full ? 'who.full' : 'who.count', { count: cast.length, most: MOST }));
  }

  #item(member, i, cast, chosen, singer) {
    const item = document.createElement('li');
    item.dataset.testid = 'portrait-item';
    item.classList.toggle('chosen', cast.length > 1 && member.id === chosen);
    const image = Object.assign(new Image(), { src: this.#thumb(member.photo), alt: '' });
    const text = document.createElement('p');
    const name = Object.assign(document.createElement('strong'), { textContent: member.name });
    const notes = document.createElement('span');
    const { faces = [], notes: remarks = [] } = singer?.photo ?? {};
    const several = () => t('who.several', { count: faces.length });
    const all = [...remarks, ...(singer?.notes ?? [])];
    say(notes, () => [...(faces.length > 1 && cast.length === 1 ? [several()] : []), sentences(all)].filter(Boolean).join(t('join.sentences')));
    text.append(name, notes);
    item.append(image, text);
    const buttons = document.createElement('div');
    buttons.className = 'item-buttons';
    const button = (what, key, press) => {
      const made = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet' });
      Object.assign(made.dataset, { testid: `portrait-${what}`, of: `${member.id}-${what}` });
      say(made, () => t(key));
      say(made, () => t(`${key}Named`, { name: member.name }), 'aria-label');
      say(made, () => t(key), 'title'); // where several stand below each other, the button is a sign
      made.addEventListener('click', press);
      buttons.append(made);
      return made;
    };
    if (cast.length > 1) {
      button('choose', 'who.adjust', () => this.#hooks.chosen(member.id)).setAttribute('aria-pressed', String(member.id === chosen));
      if (i > 0) button('earlier', 'who.earlier', () => this.#hooks.moved(member.id, -1));
    }
    if (cast.length === 1 && faces.length > 1) button('everybody', 'who.everybody', () => this.#hooks.everybody(member.id));
    button('remove', 'who.remove', () => {
      this.#hooks.removed(member.id);
    });
    item.append(buttons);
    return item;
  }

  #thumb(file) {
    if (!this.#thumbs.has(file)) this.#thumbs.set(file, URL.createObjectURL(this.#hooks.blob(file)));
    return this.#thumbs.get(file);
  }

  #bring(files) {
    const photos = files.filter(isPicture).map((file) => ({ blob: file, name: file.name || t('who.pasted') }));
    const driver = files.find((file) => !isPicture(file));
    if (photos.length) this.#hooks.brought(photos);
    if (driver) this.#hooks.driver(driver);
  }

  #acceptDrops() {
    const veil = $('drop-veil');
    const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
    // Without these two the browser would leave the page to show the file.
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      veil.hidden = true;
      const files = [...event.dataTransfer.files];
      if (!files.length) return this.#hooks.complain(() => t('error.notAFile'));
      this.#bring(files);
    });
    document.addEventListener('dragenter', (event) => {
      if (carriesFiles(event)) veil.hidden = false;
    });
    document.addEventListener('dragleave', (event) => {
      if (!event.relatedTarget) veil.hidden = true;
    });
  }
}

const isPicture = ({ type, name }) => type.startsWith('image/') || /\.(hei[cf]|avif|jpe?g|png|webp|gif|bmp|tiff?)$/i.test(name) || !/\.\w+$/.test(name);
