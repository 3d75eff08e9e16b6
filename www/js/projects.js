// Go on another day: the project as a file, and projects remembered in this browser while the visitor wants that.
import { date, say, t } from './i18n.js';
import { ProjectError, packed, unpacked } from './project_file.js';
import { download, slug } from './saving.js';
import * as shelf from './shelf.js';

const $ = (id) => document.getElementById(id);
const KEEPING = 'portraoke.keep';
const PAUSE = 2000; // ms after the last change until it is remembered

export class Projects {
  #hooks;
  #id = fresh(); // of the project on the shelf
  #timer = 0;
  #locked = false;
  #last = null; // the show that was remembered last

  /**
   * @param {{show: import('./show.js').Show, vault: import('./vault.js').Vault, songs: import('./songs.js').Songs,
   *   portrait: (sample: string) => Promise<{blob: Blob, name: string}|null>, opened: (show: object) => Promise<boolean>,
   *   complain: (text: () => string) => void, title: () => string}} hooks
   */
  constructor(hooks) {
    this.#hooks = hooks;
    $('project-save').addEventListener('click', () => this.#save());
    $('project-input').addEventListener('change', () => {
      const [file] = $('project-input').files;
      $('project-input').value = '';
      if (file) this.open(file);
    });
    $('project-keep').checked = keeping();
    $('project-keep').addEventListener('change', () => this.#keep($('project-keep').checked));
    if (keeping()) this.#offer();
  }

  /** The show has changed. */
  changed() {
    const { show } = this.#hooks;
    $('project-save').disabled = this.#locked || !(show.now.cast.length || show.now.clip);
    if (!keeping() || !show.now.cast.length || show.now === this.#last) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#remember(), PAUSE);
  }

  lock(locked) {
    this.#locked = locked;
    $('project-input').disabled = locked;
    this.changed();
  }

  /** @param {Blob} file @param {string} [name] @param {string} [id] of one on the shelf, to go on with @returns {Promise<void>} */
  async open(file, name = file.name, id = fresh()) {
    try {
      const { show, files } = await unpacked(file);
      await this.#restore(show, files, id);
    } catch (error) {
      if (!(error instanceof ProjectError)) console.error(error);
      this.#hooks.complain(() => t(error.key ?? 'project.unreadable', { name }));
    }
  }

  /** Brings what a project held into the vault and the show on stage; what it did not hold is left out and said. */
  async #restore(show, files, id) {
    const { vault, songs, portrait, opened, complain } = this.#hooks;
    const blobs = new Map(); // entry or sample -> photo
    for (const { photo, sample } of show.cast) {
      const blob = photo ? files.get(photo) : sample && (await portrait(sample))?.blob;
      if (blob) blobs.set(photo ?? sample, blob);
    }
    const own = show.clip?.id.startsWith('own-');
    const bundled = show.clip && !own ? await songs.bundled(show.clip.id).catch(() => null) : null;
    // From here to `opened` at one go: what is in the vault and in no show may be let go of meanwhile.
    const photos = new Map([...blobs].map(([key, blob]) => [key, vault.put(blob)]));
    const cast = show.cast.flatMap(({ photo, sample, ...member }) => {
      const kept = photos.get(photo ?? sample);
      return kept === undefined ? [] : [{ ...member, ...(sample ? { sample } : {}), photo: kept }];
    });
    let clip = null;
    if (own && show.clip.file) clip = { ...show.clip, file: vault.put(files.get(show.clip.file)) };
    else if (bundled) clip = { ...show.clip, file: vault.put(bundled.blob, bundled.about, `song ${show.clip.id}`) };
    if (!cast.length && !clip && !show.cast.length) throw new ProjectError('project.empty');
    const { clip: former } = this.#hooks.show.now;
    const there = await opened({ ...show, cast, clip: clip || former, chosen: cast.some(({ id }) => id === show.chosen) ? show.chosen : (cast[0]?.id ?? '') });
    if (!there) return;
    this.#id = id;
    const missing = show.cast.length - cast.length;
    if (missing) complain(() => t('project.missingPhotos', { count: missing }));
    else if (show.clip && !clip) complain(() => t('project.missingClip'));
  }

  async #save() {
    const { show, vault, title, complain } = this.#hooks;
    try {
      const file = await packed(show.now, (key) => vault.get(key), { photos: $('project-photos').checked });
      download(file, `${slug(title())}.portraoke`);
    } catch (error) {
      console.error(error);
      complain(() => t('page.missing'));
    }
  }

  async #keep(on) {
    try {
      if (on) localStorage.setItem(KEEPING, '1');
      else localStorage.removeItem(KEEPING);
      if (on) return void (await this.#remember());
      clearTimeout(this.#timer);
      this.#last = null;
      await shelf.forgetAll();
    } catch {
      // Without localStorage there is nothing to remember it by, nor anything remembered.
      $('project-keep').checked = keeping();
    }
    this.#offer();
  }

  async #remember() {
    const { show, vault, title, complain } = this.#hooks;
    if (!show.now.cast.length) return this.#offer();
    const { now } = show;
    try {
      const file = await packed(now, (key) => vault.get(key), { photos: true });
      await shelf.remember({ id: this.#id, name: [now.cast[0].name, title()].join(': '), file });
      this.#last = now;
    } catch (error) {
      console.warn(error);
      this.#last = now; // once is enough
      complain(() => t('project.full'));
    }
    this.#offer();
  }

  /** Lists what is remembered. */
  async #offer() {
    const list = $('shelf');
    const projects = keeping() ? await shelf.remembered().catch(() => []) : [];
    list.hidden = !projects.length;
    list.replaceChildren(
      ...projects.map(({ id, name, when, file }) => {
        const item = document.createElement('li');
        const button = (key, labelled, press) => {
          const made = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet' });
          say(made, key);
          say(made, labelled, 'aria-label');
          made.addEventListener('click', press);
          return made;
        };
        const title = () => t('project.of', { name, date: date(when, { dateStyle: 'medium', timeStyle: 'short' }) });
        item.dataset.testid = 'project-item';
        item.append(
          button(title, () => t('project.openNamed', { name: title() }), () => this.open(file, name, id)),
          button(() => t('project.forget'), () => t('project.forgetNamed', { name: title() }), async () => {
            await shelf.forget(id).catch(() => {});
            this.#offer();
          }),
        );
        return item;
      }),
    );
  }
}

/** A name that no other project has; `crypto.randomUUID` is only there over https. */
const fresh = () => `${Date.now()}-${Math.random()}`;

/** Whether the visitor asked for projects to be remembered. */
function keeping() {
  try {
    return localStorage.getItem(KEEPING) === '1';
  } catch {
    return false;
  }
}
