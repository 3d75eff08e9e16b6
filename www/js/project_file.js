// A project as a file: a zip with `project.json` (the show) and the visitor's own photos and clip beside it. What is read is
// taken for somebody's handiwork: only what is understood is kept, and numbers are brought into their ranges.
import { MOST } from './members.js';
import { CONTROLS, emptyShow } from './show.js';

const VERSION = 1;
const LIMITS = { file: 200e6, unpacked: 400e6, entries: 64, json: 1e6 };
const VOICES = ['', 'soprano', 'alto', 'tenor', 'baritone', 'bass', 'child', 'robot'];

/** Why a project cannot be opened; `key` is a message's in `locales/*.json`. */
export class ProjectError extends Error {
  constructor(key) {
    super(key);
    this.key = key;
  }
}

// 30 kB that only somebody who keeps a project downloads.
const zips = () => import('../vendor/fflate.mjs');

/**
 * @param {object} show
 * @param {(file: string) => {blob: Blob, about?: object}|undefined} fileOf the bytes behind a name
 * @param {{photos: boolean}} options `photos`: the visitor's own go into the file
 * @returns {Promise<Blob>}
 */
export async function packed(show, fileOf, { photos }) {
  const { zip } = await zips();
  const entries = {};
  const put = async (name, file) => {
    const found = fileOf(file);
    if (found) entries[name] = new Uint8Array(await found.blob.arrayBuffer());
  };
  const names = new Map(); // photo -> entry
  for (const { photo, sample } of show.cast) {
    if (sample || !photos || names.has(photo)) continue;
    names.set(photo, `photos/${names.size}`);
    await put(names.get(photo), photo);
  }
  const cast = show.cast.map(({ photo, ...member }) => ({ ...member, photo: names.get(photo) ?? null }));
  const { clip } = show;
  const own = clip?.id.startsWith('own-');
  if (own) await put('clip', clip.file);
  const kept = { ...show, cast, clip: clip && { ...clip, file: own ? 'clip' : null } };
  const project = { portraoke: VERSION, show: kept };
  entries['project.json'] = new TextEncoder().encode(JSON.stringify(project, null, 1));
  // Photos and sounds are compressed already.
  const bytes = await new Promise((done, failed) => zip(entries, { level: 0 }, (error, data) => (error ? failed(error) : done(data))));
  return new Blob([bytes], { type: 'application/zip' });
}

/**
 * @param {Blob} file
 * @returns {Promise<{show: object, files: Map<string, Blob>}>} `show` names `files` and samples; photos that were left out are null
 * @throws {ProjectError}
 */
export async function unpacked(file) {
  if (file.size > LIMITS.file) throw new ProjectError('project.tooBig');
  const { unzipSync } = await zips(); // fflate's other way runs in workers that the page's policy forbids
  const bytes = new Uint8Array(await file.arrayBuffer());
  let [count, size] = [0, 0];
  const filter = ({ name, originalSize }) => {
    count++;
    size += originalSize;
    return count <= LIMITS.entries && size <= LIMITS.unpacked && (name !== 'project.json' || originalSize <= LIMITS.json);
  };
  let entries;
  let project;
  try {
    entries = unzipSync(bytes, { filter });
    project = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(entries['project.json']));
  } catch {
    throw new ProjectError('project.unreadable');
  }
  if (!Number.isInteger(project?.portraoke) || typeof project.show !== 'object' || !project.show) throw new ProjectError('project.unreadable');
  if (project.portraoke > VERSION) throw new ProjectError('project.newer');
  const files = new Map(Object.entries(entries).filter(([name]) => name !== 'project.json').map(([name, data]) => [name, new Blob([data])]));
  return { show: understood(project.show, files), files };
}

/** A show with only what this version knows. */
function understood(given, files) {
  const empty = emptyShow();
  const text = (value, longest, otherwise = '') => (typeof value === 'string' ? value.slice(0, longest) : otherwise);
  const number = (value, low, high, otherwise) => (Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise);
  const whole = (value, most) => (Number.isInteger(value) && value >= 0 && value <= most ? value : null);
  const one = (value, list) => (list.includes(value) ? value : list[0]);
  const object = (value) => (value && typeof value === 'object' ? value : {});
  const entry = (name) => (files.has(name) ? name : null);
  const pair = (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);

  const member = (value, i) => {
    const { photo, name, sample, face, corrections, controls, mirrored, voice, part } = object(value);
    const { teeth, gaze, ...strengths } = object(controls);
    const fixed = object(object(gaze).fixed);
    return {
      id: `m${i}`,
      photo: entry(photo),
      name: text(name, 200, '?'),
      ...(sample ? { sample: text(sample, 100) } : {}),
      face: whole(face, 100) ?? 0,
      corrections: (Array.isArray(corrections) ? corrections : []).slice(0, 70).filter((c) => Array.isArray(c) && whole(c[0], 69) !== null && pair(c[1])),
      controls: {
        ...Object.fromEntries(['mouth', 'brows', 'eyes', 'head', 'blink'].map((key) => [key, number(strengths[key], 0, 2, 1)])),
        jawLimit: number(strengths.jawLimit, 0, 1, CONTROLS.jawLimit),
        gaze: object(gaze).fixed ? { fixed: { yaw: number(fixed.yaw, -0.5, 0.5, 0), pitch: number(fixed.pitch, -0.4, 0.4, 0) } } : one(gaze, ['driver', 'camera']),
        teeth: { look: one(object(teeth).look, ['automatic', 'own', 'built', 'hidden']), brightness: number(object(teeth).brightness, 0.5, 1.3, 1) },
      },
      mirrored: mirrored === true,
      voice: one(voice, VOICES),
      part: whole(part, 100),
    };
  };

  const people = (Array.isArray(given.cast) ? given.cast : []).slice(0, MOST);
  const cast = people.map(member);
  const chosen = people.findIndex((value) => typeof given.chosen === 'string' && object(value).id === given.chosen);
  const { id, kind, file, name, at, mirrored, lyrics } = object(given.clip);
  const own = /^own-(score|recording|track)$/.exec(id)?.[1];
  const clip = typeof id === 'string' && {
    id: text(id, 100),
    kind: own ?? one(kind, ['score']),
    file: own ? entry(file) : null,
    name: text(name, 200),
    ...(Number.isFinite(at?.x) && Number.isFinite(at?.y) ? { at: { x: at.x, y: at.y } } : {}),
    ...(mirrored === true ? { mirrored } : {}),
    ...(typeof lyrics === 'string' ? { lyrics: text(lyrics, 20_000) } : {}),
  };
  const { voice, expressiveness, tempo, transpose, singer, verse } = object(given.manner);
  const { shape, layout, fit, backdrop, captions, title } = object(given.picture);
  const colour = object(backdrop).colour;
  const channel = (value) => Math.round(number(value, 0, 255, 0));
  const range = pair(given.trim) && given.trim[0] >= 0 && given.trim[1] > given.trim[0] ? given.trim : null;
  return {
    ...empty,
    cast,
    chosen: cast[Math.max(0, chosen)]?.id ?? '',
    chorus: given.chorus === true || cast.length > 1,
    together: { arrangement: one(object(given.together).arrangement, ['unison', 'parts', 'turns']), alike: object(given.together).alike === true },
    clip: clip || null,
    manner: {
      voice: one(voice, VOICES),
      expressiveness: number(expressiveness, 0, 2, 1),
      tempo: number(tempo, 0.5, 2, 1),
      transpose: Math.round(number(transpose, -12, 12, 0)),
      singer: whole(singer, 100),
      verse: whole(verse, 100),
    },
    picture: {
      shape: one(shape, ['own', '9:16', '4:5', '1:1', '16:9']),
      layout: one(layout, ['grid', 'row', 'spotlight', 'group']),
      fit: one(fit, ['fill', 'fit']),
      backdrop: Array.isArray(colour) && colour.length === 3 ? { colour: colour.map(channel) } : 'blur',
      captions: captions === true,
      title: text(title, 80),
    },
    trim: range,
  };
}
