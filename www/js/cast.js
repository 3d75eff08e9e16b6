// Who sings: sample portraits, the file input, drop and paste, and the line about who is on stage. What is dropped and is no
// picture goes to the songs.
import { say, sentence, sentences, t } from './i18n.js';

const $ = (id) => document.getElementById(id);

export class Cast {
  #samples = [];
  #thumbUrl = null;

  /** @param {{chosen: (file: Blob, name: string, sample?: string) => void, removed: () => void, brought: (file: File) => void, complain: (text: () => string) => void}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    const input = $('portrait-input');
    input.addEventListener('change', () => {
      const [file] = input.files;
      if (file) hooks.chosen(file, file.name);
      input.value = ''; // the same file can then be chosen again
    });
    // For the mouse and finger only: to the keyboard and to screen readers it would be the same button twice.
    $('invitation').addEventListener('click', () => input.click());
    $('portrait-remove').addEventListener('click', () => {
      hooks.removed();
      input.focus();
    });
    this.#acceptDrops();
    document.addEventListener('paste', (event) => {
      const file = [...(event.clipboardData?.files ?? [])][0];
      if (!file) return;
      event.preventDefault();
      hooks.chosen(file, file.name || t('who.pasted'));
    });
  }

  /** @param {{id, name, file, alt}[]} catalogue with `file` relative to `base` */
  offer(catalogue, base) {
    this.#samples = catalogue;
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
          const response = await fetch(url).catch(() => null);
          if (!response?.ok) return this.hooks.complain(() => t('page.missingFile', { name: sample.name }));
          this.hooks.chosen(await response.blob(), sample.name, sample.id);
        });
        return button;
      }),
    );
  }

  /** @param {{name, sample?, bytes: Uint8Array, info: {faces: object[], notes: string[]}} | null} portrait */
  show(portrait) {
    $('on-stage').hidden = !portrait;
    for (const button of $('cast').children) {
      button.setAttribute('aria-pressed', String(Boolean(portrait?.sample) && button.dataset.sample === portrait.sample));
    }
    if (this.#thumbUrl) URL.revokeObjectURL(this.#thumbUrl);
    this.#thumbUrl = portrait && URL.createObjectURL(new Blob([portrait.bytes]));
    if (!portrait) return;
    $('thumb').src = this.#thumbUrl;
    $('portrait-name').textContent = portrait.name;
    const { faces, notes } = portrait.info;
    const several = () => t('who.several', { count: faces.length });
    say($('portrait-notes'), () => [...(faces.length > 1 ? [several()] : []), sentences(notes)].join(t('join.sentences')));
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
      if (!files.length) return this.hooks.complain(() => t('error.notAFile'));
      const photo = files.find(isPicture);
      const driver = files.find((file) => !isPicture(file));
      if (photo) this.hooks.chosen(photo, photo.name);
      if (driver) this.hooks.brought(driver);
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
