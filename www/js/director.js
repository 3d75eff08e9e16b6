// Brings the worker's stage to what a show says, asking only for what is not there yet. Undoing, opening a project and
// starting again after the graphics card was lost are therefore the same as choosing.

// Pixels of a photo's long side on the graphics card: nine photos of twelve megapixels would take more than a gigabyte there.
const LONGEST = 4096;
const LONGEST_IN_CHORUS = 2048;
const NAMED_SUFFIX = /(\.track)?\.[^.]{1,5}$/;

/** @typedef {{photo: number, width, height, faces: object[], notes: string[]}} Photo as the worker read it */
/** @typedef {{singer: number, photo: Photo, covered: string|null}} Singer a face ready to sing */

export class Director {
  #vault;
  #seed;
  #motions;
  #engine = null;
  #photos = new Map(); // file -> Photo
  #singers = new Map(); // what the singer is made of -> Singer
  #clip = { made: '', shared: '' }; // what the clip on stage was made of, and for whom
  #stage = ''; // what the studio was told last
  /** What is on stage: the clip as the worker described it. */
  info = null;

  /** @param {{vault: import('./vault.js').Vault, seed: number, motions: () => object[]}} options `motions`: how the bundled songs' heads move */
  constructor({ vault, seed, motions }) {
    this.#vault = vault;
    this.#seed = seed;
    this.#motions = motions;
  }

  /** Another worker, with nothing on its stage. */
  begin(engine) {
    this.#engine = engine;
    this.#photos.clear();
    this.#singers.clear();
    this.#clip = { made: '', shared: '' };
    this.#stage = '';
  }

  /** What is known about a member's photo. @returns {Singer|undefined} */
  singer(member, show) {
    return this.#singers.get(recipe(member, show));
  }

  /** What there is still to do for a show: 'portrait', 'clip', 'stage' or ''; the dearest of it. */
  missing(show) {
    if (show.cast.some((member) => !this.singer(member, show))) return 'portrait';
    if (show.clip && (this.#clip.made !== made(show) || this.#clip.shared !== shared(show))) return 'clip';
    return this.#stage === this.#told(show) ? '' : 'stage';
  }

  /**
   * Does what is missing. What was on stage before stays as long as it can; where something cannot be done, nothing that a
   * former show needs is gone.
   * @param {(clip: object) => void} heard called with a new clip's description and samples
   * @throws {import('./engine.js').EngineError}
   */
  async play(show, heard) {
    for (const member of show.cast) await this.#cast(member, show);
    if (show.clip) await this.#learn(show, heard);
    await this.adjust(show);
    await this.#release(show);
  }

  /** Tells the studio what costs nothing: order, controls, layout. */
  async adjust(show) {
    const told = this.#told(show);
    if (told === this.#stage) return;
    await this.#engine.request('stage', JSON.parse(told));
    this.#stage = told;
  }

  async #cast(member, show) {
    if (this.singer(member, show)) return;
    const { photo: file } = member;
    if (!this.#photos.has(file)) {
      const bytes = new Uint8Array(await this.#vault.get(file).blob.arrayBuffer());
      this.#photos.set(file, await this.#engine.request('photo', { bytes }));
    }
    const photo = this.#photos.get(file);
    // Faces of one photo that sing where they are know of each other.
    const members = grouped(show) ? show.cast : [member];
    const wanted = members.map(({ face, corrections }) => ({ face, corrections }));
    const made = await this.#engine.request('singers', { photo: photo.photo, wanted, grouped: grouped(show), motions: this.#motions(), longest: show.chorus ? LONGEST_IN_CHORUS : LONGEST });
    members.forEach((one, i) => this.#singers.set(recipe(one, show), { ...made[i], photo }));
  }

  async #learn(show, heard) {
    const [wanted, among] = [made(show), shared(show)];
    if (wanted === this.#clip.made && among === this.#clip.shared) return;
    const { clip, manner } = show;
    const chorus = { ...show.together, members: show.cast.map(({ voice, part }) => ({ voice: voice || undefined, singer: part ?? undefined })) };
    const file = this.#vault.get(clip.file);
    const [seed, expressiveness] = [this.#seed, manner.expressiveness];
    const bytes = async () => new Uint8Array(await file.blob.arrayBuffer());
    let answer;
    if (clip.kind === 'score') {
      const { voice, tempo, transpose, singer, verse } = manner;
      const given = { voice: voice || undefined, singer: singer ?? undefined, verse: verse ?? undefined, lyrics: clip.lyrics };
      answer = await this.#engine.request('song', { score: await bytes(), settings: { ...given, tempo, transpose, expressiveness, seed }, chorus });
    } else if (wanted === this.#clip.made) {
      answer = await this.#engine.request('share', { chorus, seed });
    } else if (clip.kind === 'recording') {
      const { name, at, mirrored } = clip;
      answer = await this.#engine.request('recording', { file: file.blob, name, at, mirrored, seed, expressiveness, chorus });
    } else {
      const title = clip.name.replace(NAMED_SUFFIX, '');
      answer = await this.#engine.request('track', { bytes: await bytes(), title, chorus, seed });
    }
    this.#clip = { made: wanted, shared: among };
    const { samples, ...info } = answer;
    this.info = { ...(samples ? {} : this.info), ...info };
    heard(this.info, samples);
  }

  /** Lets go of photos and singers that the show does without. */
  async #release(show) {
    const kept = new Set(show.cast.map((member) => recipe(member, show)));
    const files = new Set(show.cast.map(({ photo }) => photo));
    const [singers, photos] = [[], []];
    for (const [key, { singer }] of this.#singers) if (!kept.has(key) && this.#singers.delete(key)) singers.push(singer);
    for (const [file, { photo }] of this.#photos) if (!files.has(file) && this.#photos.delete(file)) photos.push(photo);
    if (singers.length || photos.length) await this.#engine.request('release', { singers, photos });
  }

  #told(show) {
    const cast = show.cast.map((member) => ({ singer: this.singer(member, show)?.singer, controls: member.controls, mirrored: member.mirrored }));
    const { layout, fit, backdrop } = show.picture;
    return JSON.stringify({ cast, scene: { layout, fit, backdrop } });
  }
}

/** Whether the faces of one photo sing where they are. */
export const grouped = ({ picture, cast }) => picture.layout === 'group' && cast.length > 1 && cast.every(({ photo }) => photo === cast[0].photo);

// With the member's own name: a face that is there twice is made ready twice, since each moves by itself.
const recipe = ({ id, photo, face, corrections }, show) =>
  JSON.stringify([id, photo, face, corrections, grouped(show) && show.cast.map((one) => [one.face, one.corrections])]);

/** What a clip is made of, apart from who sings it. */
function made({ clip, manner }) {
  const { file, lyrics, at, mirrored } = clip;
  const { expressiveness, ...scored } = manner;
  return JSON.stringify({ file, lyrics, at, mirrored, expressiveness, ...(clip.kind === 'score' ? scored : {}) });
}

/** For whom a clip was made. */
function shared({ cast, together }) {
  const members = cast.map(({ voice, part }) => [voice, part]);
  // One alone, or nobody yet, sings the song as it is, whatever is set for several.
  return JSON.stringify(cast.length > 1 ? [together, members] : [members[0]?.[0] ?? '']);
}
