// The page: wires its parts to the show and the show to the worker. What the visitor decides goes through `change`; what
// the parts display comes from `render`.
import { Camera } from './camera.js';
import { Captions } from './captions.js';
import { Cast } from './cast.js';
import { Changes } from './changes.js';
import { Director } from './director.js';
import { DriverFaces } from './driver_faces.js';
import { Engine } from './engine.js';
import { Filming } from './filming.js';
import { list, offerLanguages, onLanguage, say, sentences, t } from './i18n.js';
import { Lyrics } from './lyrics.js';
import { Manner } from './manner.js';
import { MOST, alone, chosenMember, everybody, joined, knowMembers, moved, newMember, without } from './members.js';
import { Overlay } from './overlay.js';
import { photoBytes } from './photo.js';
import { PictureChoices, aspect } from './picture.js';
import { Player } from './player.js';
import { Projects } from './projects.js';
import { Recovery } from './recovery.js';
import { Refiner } from './refiner.js';
import { save, slug } from './saving.js';
import { Show, changed, withMember } from './show.js';
import { Songs } from './songs.js';
import { Stage } from './stage.js';
import { brokenSentence, clearError, isGpuLoss, onDismiss, onRestart, setLoading, setProgress, setStatus, showError } from './status.js';
import { Together } from './together.js';
import { Transport } from './transport.js';
import { Trim } from './trim.js';
import { Tuning } from './tuning.js';
import { Vault } from './vault.js';

const $ = (id) => document.getElementById(id);
const base = document.baseURI;
const url = new URLSearchParams(location.search);
const settings = {
  seed: Number(url.get('seed')) || 1,
  longest: Math.min(2160, Math.max(0, Number(url.get('size')) || 0)) || undefined,
  fps: Math.min(60, Math.max(0, Number(url.get('fps')) || 0)) || undefined,
  backend: url.get('backend'),
  debug: url.has('debug'),
};

const vault = new Vault();
const show = new Show();
const director = new Director({ vault, seed: settings.seed, motions: () => songs.motions });
let engine = null;
let adapter = null;
let lost = null; // what a worker that broke was at: {show, filming, playing, time}
let filming = false;
let opening = false; // from a worker's start until what was on stage is there again
let recovering = false; // whether the worker is opened after a loss, without the visitor's doing
let expression = null; // what the portraits show while they are not singing, if it is not the song

const changes = new Changes({
  show,
  director,
  locked: () => filming,
  began,
  heard,
  arrived: (last) => {
    if (last) vault.keep(new Set([...show.needed, ...songs.files])); // what waits has files there too
  },
  failed: fail,
  ended,
  staged,
});
const change = (...asked) => changes.make(...asked);
const stage = new Stage({ longest: settings.longest, changed: () => player?.show() });
const overlay = new Overlay(stage, { request: (...args) => engine.request(...args), edit: editMember, face: (face) => editMember({ face, corrections: [] }), choose: chooseMember });
const captions = new Captions($('captions'));
const player = new Player({ draw, tick, changed: playingChanged });
const cast = new Cast({
  brought: bringPhotos,
  chosen: chooseMember,
  removed: removeMember,
  moved: (id, by) => change((now) => moved(now, id, by)),
  everybody: allFaces,
  driver: (file) => (/\.portraoke$/i.test(file.name) ? projects.open(file) : songs.bring(file)),
  complain: showError,
  blob: (file) => vault.get(file).blob,
});
const together = new Together({ chorus: (on) => change((now) => (on ? { ...now, chorus: on } : alone(now))), changed: (part, values) => change((now) => changed(now, part, values)) });
const songs = new Songs({ chosen: chooseClip, complain: showError });
const lyrics = new Lyrics({ retyped: (text) => change((now) => now.clip && changed(now, 'clip', { lyrics: text }), 'words') });
const manner = new Manner({ changed: (values) => change((now) => changed(now, 'manner', values), 'manner') });
const pictureChoices = new PictureChoices((values, what) => change((now) => changed(now, 'picture', values), what));
const trim = new Trim({ changed: (range) => change((now) => ({ ...now, trim: range }), 'trim'), duration: () => player.duration });
const tuning = new Tuning({
  controls: (controls, what) => editMember({ controls }, what),
  member: (values) => editMember(values),
  expression: showExpression,
  points: (on) => {
    overlay.points = on;
    player.pause();
    showExpression(on ? 'rest' : null);
    layOver();
    if (on) stage.scrollIntoSight();
  },
});
const driverFaces = new DriverFaces((at) => change((now) => changed(now, 'clip', { at })));
const camera = new Camera({
  opened: cameraOpened,
  closed: cameraClosed,
  show: followCamera,
  recorded: (file) => songs.bring(file, { mirrored: true }), // as it was seen while it was made
  complain: showError,
});
const film = new Filming({ start: () => startFilming(), cancel: () => engine?.cancel() });
const projects = new Projects({ show, vault, songs, portrait: (sample) => cast.sample(sample), opened: openProject, complain: showError, title });

const transport = new Transport({ toggle: togglePlay, seek: (time) => player.seek(time), back: () => changes.back(), forward: () => changes.forward() });
const refiner = new Refiner({ request: (...args) => engine.request(...args), changed: () => player.show() });
const recovery = new Recovery();
const debug = settings.debug && import('./debug.js').then(({ Debug }) => new Debug({ profile: () => engine.request('profile') }));

offerLanguages(showError);
onLanguage(render);
onRestart(() => openEngine());
onDismiss(settle);
$('work-cancel').addEventListener('click', () => engine?.cancel());
for (const format of ['json', 'csv']) $(`save-${format}`).addEventListener('click', () => saveMotion(format));
start();

async function start() {
  openEngine();
  const [portraits, clips] = await Promise.all([catalogue('portraits/'), catalogue('songs/')]);
  cast.offer(portraits, new URL('portraits/', base));
  songs.offer(clips, new URL('songs/', base));
  render();
  if (clips.length && !show.now.clip && !changes.wanted?.clip && !engine.stopped) songs.choose(clips[0].id, { quietly: true });
}

async function catalogue(folder) {
  const response = await fetch(new URL(`${folder}catalogue.json`, base)).catch(() => null);
  if (response?.ok) return response.json();
  showError(() => t('page.missing'));
  return [];
}

// --- the worker

/** Starts a worker, or another after one broke, and gives it the work that the former one had. */
async function openEngine() {
  clearError();
  const doing = recovering ? 'status.recovering' : 'status.loading';
  setStatus('loading', () => t(doing));
  engine?.stop();
  changes.forget();
  [filming, opening] = [false, true];
  const mine = new Engine({
    loading: ({ part }) => setLoading(part),
    filming: ({ done, total }) => film.progress(done, total),
    following: ({ done, total, what }) => changes.busy && setProgress(() => t(`status.following.${what}`, { done: Math.round(done), total: Math.round(total) }), done / total),
    lettered: () => player.show(),
    broken: engineBroke,
  });
  engine = mine;
  director.begin(mine);
  const canvas = stage.takeCanvas();
  // Whatever is asked of the worker from here on waits in its queue until it has opened.
  try {
    const opened = await engine.request('open', { canvas, asked: settings.backend, debug: settings.debug }, [canvas]);
    adapter = opened.adapter;
    if (adapter.is_fallback) stage.useSoftwareLimit();
    film.offer(opened.codecs);
    tuning.offer(opened.expressions);
    refiner.opened(opened);
    showBackend(opened);
    await restore(mine);
  } catch (error) {
    fail(error);
  }
  if (engine !== mine || mine.stopped) return;
  const again = lost?.filming && playable();
  [opening, recovering, lost] = [false, false, null];
  settle();
  if (again) startFilming('status.filmingAgain');
}

/** Does again what a former worker had done or was doing, unless this one breaks too. */
async function restore(worker) {
  await changes.again(lost?.show, () => worker.stopped);
  if (worker.stopped || !lost || !show.now.clip) return;
  player.seek(lost.time);
  if (lost.playing) player.play(show.now.trim);
}

/** Says which way the page runs: always, since it decides how fast it is. */
async function showBackend(opened) {
  const { backend, why, name } = opened.backend;
  $('backend').dataset.backend = backend;
  say($('backend'), () => t(`backend.${why}`, { name: name && t('backend.name', { name }) }));
  $('backend').hidden = false;
  (await debug)?.show?.(opened);
}

function engineBroke(reason) {
  const before = opening ? lost : { playing: player.playing, time: player.time, filming };
  lost = { ...before, show: changes.wanted ?? before?.show };
  camera.close();
  if (player.playing) player.pause();
  film.end();
  changes.forget();
  filming = false;
  recovering = isGpuLoss(reason) && recovery.lost();
  if (recovering) {
    console.warn(`Portraoke starts again: ${reason}`);
    openEngine();
    return;
  }
  console.error(`Portraoke's worker broke: ${reason}`);
  opening = false;
  refresh();
  showError(brokenSentence(reason), { restart: true });
}

// --- changing the show

/** The worker has begun to bring `next` on stage. @param {'portrait'|'clip'} missing the dearest that it needs */
function began(missing, next) {
  player.pause();
  clearError();
  refresh();
  const doing = missing === 'portrait' ? 'status.analysing' : `status.learning.${next.clip?.kind ?? 'score'}`;
  setStatus('analysing', () => t(recovering ? 'status.recovering' : doing));
}

/** The clip of `next` is on stage, or the one that is there has been shared out anew. */
function heard({ clip }, info, samples) {
  if (samples) {
    player.load({ ...info, samples });
    tick(0);
  }
  captions.load(info.track.words, info.lyrics ?? '', info.language);
  lyrics.show(info.lyrics, info.language, clip.lyrics === undefined, vault.get(clip.file)?.name);
}

/** It is done, or could not be. @param {object} before the show until then */
function ended(before) {
  const { cast } = show.now;
  const entered = cast.length > before.cast.length || (cast.length && cast[0].photo !== before.cast[0]?.photo);
  if (entered) refiner.load();
  render();
  settle();
  player.show();
  layOver();
  if (entered) stage.scrollIntoSight();
}

/** The show has changed in what costs nothing: the studio is told, everything is displayed. */
async function staged() {
  if (!engine.stopped) clearError(); // of what is no more
  render();
  await director.adjust(show.now).catch(fail);
  player.show();
  layOver();
  settle();
}

/** What can be pressed on the picture, while nothing moves there. */
function layOver() {
  if (player.playing || camera.on || filming || engine.stopped) overlay.clear();
  else overlay.show(show.now, director);
}

// --- who sings

/** @param {{blob: Blob, name: string, sample?: string}[]} photos */
async function bringPhotos(photos) {
  if (filming) return;
  const { cast: now, chorus } = show.now;
  if (photos.length === 1 && chorus && photos[0].sample) {
    const there = now.find(({ sample }) => sample === photos[0].sample);
    if (there) return removeMember(there.id);
  }
  const several = photos.length > 1;
  let complaint = null; // said at the end: the next photo would wipe it away
  for (const { blob, name, sample } of photos) {
    let full = false;
    try {
      const bytes = await photoBytes(blob, name);
      const next = (now) => {
        full = now.chorus && now.cast.length >= MOST;
        return full ? null : joined(now, newMember({ photo: vault.put(new Blob([bytes], { type: blob.type })), name, sample }), several);
      };
      await change(next, '', (error) => (complaint ??= error));
      if (full) complaint ??= new Error(t('who.tooMany', { most: MOST }));
    } catch (error) {
      complaint ??= error;
    }
    if (full || complaint?.broken) break;
  }
  if (complaint) fail(complaint);
}

/** Whose settings are shown: nothing of the show changes, so there is nothing to undo. */
function chooseMember(id) {
  show.settle({ ...show.now, chosen: id });
  render();
  layOver();
}

/** Changes the member whose settings are shown. */
function editMember(values, what) {
  change((now) => {
    const { id } = chosenMember(now) ?? {};
    return id && withMember(now, id, typeof values === 'function' ? values(chosenMember(now)) : values);
  }, what);
}

function removeMember(id) {
  if (show.now.cast.length === 1) player.pause();
  change((now) => without(now, id));
}

function allFaces(id) {
  change((now) => {
    const member = now.cast.find((one) => one.id === id);
    const { faces } = director.singer(member, now).photo;
    return everybody(now, member, faces.length, (face) => t('who.faceOf', { name: member.name, n: face + 1 }));
  });
}

function showExpression(key) {
  expression = key;
  tuning.expression = key;
  if (key) player.pause();
  player.show();
}

// --- what they sing

/** @param {import('./show.js').Clip} clip @param {{quietly?: boolean}} [how] `quietly`: not the visitor's doing @returns {Promise<boolean>} whether it is on stage */
function chooseClip({ blob, about, ...clip }, { quietly = false } = {}) {
  camera.close();
  const file = blob ? vault.put(blob, about, clip.file) : clip.file;
  const next = (now) => ({ ...now, clip: { ...clip, file }, trim: null, manner: { ...now.manner, tempo: 1, transpose: 0, singer: null, verse: null } });
  if (!quietly) return change(next);
  return changes.settle((now) => (now.clip ? null : next(now)));
}

function title() {
  return director.info?.title || t('song.untitled');
}

async function saveMotion(format) {
  if (!show.now.clip) return;
  const text = await engine.request('saved', { format }).catch(fail);
  if (text === undefined) return;
  if (format === 'csv') save(text, 'text/csv', `${slug(title())}.csv`);
  else save(text, 'application/json', `${slug(title())}.track.json`);
}

// --- projects

/** @param {object} next a show that a project file held, its files in the vault already */
async function openProject(next) {
  camera.close();
  knowMembers(next);
  return change(() => next);
}

// --- the camera

function cameraOpened() {
  player.pause();
  tick(player.time);
  clearError();
  overlay.clear();
  refresh();
  settle();
}

function cameraClosed() {
  refresh();
  if (!engine.stopped) engine.request('endLive').catch(fail);
  settle();
  player.show();
}

/** The portrait as the camera's face is. Without a portrait the face is followed all the same, so that it is known. */
async function followCamera(bitmap, time) {
  if (changes.busy || filming || opening || engine.stopped) return bitmap.close();
  return engine.request('live', { bitmap, time, ...stage.pixels }, [bitmap]).catch(fail);
}

// --- playing

async function draw(time) {
  if (!show.now.cast.length || !engine || engine.stopped || filming || camera.on) return;
  const { captions: burn, title: heading } = show.now.picture;
  await engine.request('frame', { time, expression, captions: burn, title: heading, since: show.now.trim?.[0] ?? 0, ...stage.pixels }).catch(fail);
}

function tick(time) {
  transport.show(time, player.duration);
  // Where nobody is there to sing them, or where they are on the picture, they are not below it.
  $('captions').hidden = !show.now.cast.length || camera.on || show.now.picture.captions;
  captions.show(time);
}

function togglePlay() {
  if (player.playing) return player.pause();
  clearError();
  camera.close();
  expression = null;
  tuning.expression = null;
  overlay.clear();
  player.play(show.now.trim);
}

function playingChanged(playing) {
  transport.playing(playing);
  if (!playing && overlay.points) expression = 'rest'; // where the points are
  if (!changes.busy) layOver();
  settle();
}

// --- filming

async function startFilming(saying = `film.making.${film.kind}`) {
  clearError();
  camera.close();
  player.pause();
  filming = true;
  refresh();
  setStatus('exporting', () => t(saying));
  const { picture, trim: range } = show.now;
  const [from, to] = range ?? [];
  const frame = film.wanted(shape(), { ...settings, from, to, duration: player.duration, time: player.time });
  film.begin(frame);
  try {
    const made = await engine.request('film', { ...frame, captions: picture.captions, title: picture.title });
    filming = false;
    film.show(made, slug(title()), film.end());
    refresh();
    setStatus('done', () => t(`film.done.${made.kind}`));
  } catch (error) {
    if (error.broken) return fail(error);
    filming = false;
    film.end();
    refresh();
    if (!error.cancelled) return fail(error);
    setStatus('ready', () => t('status.exportCancelled'));
    $('export').focus({ preventScroll: true });
  }
  player.show();
}

// --- what all of it shares

/** The frame's shape, in units of its own. */
function shape() {
  const [first] = show.now.cast;
  const wide = first ? aspect(show.now, director.singer(first, show.now)?.photo) : 1;
  return { width: 1000 * wide, height: 1000 };
}

/** Every part displays the show. */
function render() {
  const { now } = show;
  const { width, height } = shape();
  stage.show(now.cast.length ? width / height : null);
  say($('preview'), () => list(now.cast.map(({ name }) => name)), 'aria-label');
  cast.show(now, (member) => director.singer(member, now));
  together.show(now, director.info);
  pictureChoices.show(now);
  tuning.show(chosenMember(now), director.info, now.cast.length > 1);
  trim.show(now.trim, player.duration);
  songs.show(now.clip, now.cast[0] && director.singer(now.cast[0], now));
  const { info } = director;
  if (now.clip && info) {
    manner.show(now.manner, info);
    driverFaces.show(info.faces, now.clip.at);
    say($('clip-notes'), () => sentences(info.notes ?? []));
  }
  projects.changed();
  refresh();
}

function fail(error) {
  if (error.cancelled) return;
  if (error.broken && recovering) return; // it is being done again
  if (error.broken) showError(brokenSentence(error.message), { restart: true });
  else showError(error.message);
}

const playable = () => Boolean(show.now.cast.length && show.now.clip && director.info) && !changes.busy && !filming;

/** Enables what can be used now. */
function refresh() {
  const quiet = !changes.busy && !filming;
  transport.enable({ play: playable(), back: Boolean(show.before) && quiet, forward: Boolean(show.after) && quiet });
  $('export').disabled = !playable() || !film.possible;
  songs.lock(filming);
  lyrics.lock(filming);
  manner.lock(filming);
  $('driver-webcam').disabled = filming || camera.on;
  for (const format of ['json', 'csv']) $(`save-${format}`).disabled = !show.now.clip || !quiet;
  const while_filming = '#who :is(button, input, select), #export-format, #export-size, #export-fps, #refine, .shapes input, #picture-more :is(input, select)';
  for (const control of document.querySelectorAll(while_filming)) control.disabled = filming;
  trim.lock(filming || !player.duration);
  projects.lock(!quiet);
  const [from, to] = show.now.trim ?? [];
  film.about(show.now.cast.length ? shape() : null, show.now.clip && director.info && { ...director.info, from, to }); // after: it knows which of its own controls apply
}

/** The status line for a quiet moment; an error that is shown stays. */
function settle() {
  refresh();
  if (changes.busy || filming || opening || !$('error').hidden) return;
  if (player.playing) return setStatus('playing', () => [t('status.playing', { title: title() }), player.silent && t('status.noSound')].filter(Boolean).join(t('join.sentences')));
  const key = !show.now.cast.length ? 'choosePortrait' : camera.on ? 'camera' : !show.now.clip ? 'chooseSong' : 'ready';
  setStatus('ready', () => [t(`status.${key}`, { title: title() }), adapter?.is_fallback && t('status.software')].filter(Boolean).join(t('join.sentences')));
}
