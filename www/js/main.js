// The page: wires the parts to the worker. State lives here; each part shows its own.
import { Camera } from './camera.js';
import { Captions } from './captions.js';
import { Cast } from './cast.js';
import { DriverFaces } from './driver_faces.js';
import { Engine } from './engine.js';
import { Filming } from './filming.js';
import { Lyrics } from './lyrics.js';
import { Manner } from './manner.js';
import { photoBytes } from './photo.js';
import { Player } from './player.js';
import { Recovery } from './recovery.js';
import { Refiner } from './refiner.js';
import { save, slug } from './saving.js';
import { Songs } from './songs.js';
import { Stage } from './stage.js';
import { brokenSentence, clearError, isGpuLoss, onDismiss, onRestart, setLoading, setProgress, setStatus, showError } from './status.js';
import { words } from './words.js';

const $ = (id) => document.getElementById(id);
const base = document.baseURI;
const url = new URLSearchParams(location.search);
const settings = {
  seed: Number(url.get('seed')) || 1,
  longest: Math.min(2160, Math.max(0, Number(url.get('size')) || 0)) || undefined,
  fps: Math.min(60, Math.max(0, Number(url.get('fps')) || 0)) || 30,
  backend: url.get('backend'),
  debug: url.has('debug'),
};

let engine = null;
let adapter = null;
let portrait = null; // {name, sample, bytes, info}
let clip = null; // {id, source (see songs.js), lyrics (retyped, or undefined), info}
let busy = 0; // requests that change what is on stage
let filming = false;
let opening = false; // from a worker's start until what was on stage is there again
let recovering = false; // whether the worker is opened after a loss, without the visitor's doing
const underway = {}; // what is asked for and not yet on stage: {portrait, face, clip}

const stage = new Stage({ longest: settings.longest, changed: () => player?.show() });
const captions = new Captions($('captions'));
const player = new Player({ draw, tick, changed: playingChanged });
const cast = new Cast({ chosen: choosePortrait, removed: removePortrait, brought: (file) => songs.bring(file), complain: showError });
const songs = new Songs({ chosen: chooseClip, complain: showError });
const lyrics = new Lyrics({ retyped: (text) => clip && drive(clip.id, clip.source, text) });
const manner = new Manner({ changed: performAgain });
const driverFaces = new DriverFaces((at) => {
  const source = { ...clip.source, at };
  songs.keep(clip.id, source);
  drive(clip.id, source);
});
const camera = new Camera({
  opened: cameraOpened,
  closed: cameraClosed,
  show: followCamera,
  recorded: (file) => songs.bring(file, { mirrored: true }), // as it was seen while it was made
  complain: showError,
});
const film = new Filming({ start: () => startFilming(), cancel: () => engine?.cancel() });

const refiner = new Refiner({ request: (...args) => engine.request(...args), changed: () => player.show() });
const recovery = new Recovery();
const debug = settings.debug && import('./debug.js').then(({ Debug }) => new Debug({ profile: () => engine.request('profile') }));

onRestart(() => openEngine());
onDismiss(settle);
$('work-cancel').addEventListener('click', () => engine?.cancel());
for (const format of ['json', 'csv']) $(`save-${format}`).addEventListener('click', () => saveMotion(format));
$('play').addEventListener('click', togglePlay);
$('seek').addEventListener('input', () => player.seek(Number($('seek').value)));
document.addEventListener('keydown', (event) => {
  if (event.key === ' ' && event.target === document.body && !$('play').disabled) {
    event.preventDefault();
    togglePlay();
  }
});

start();

async function start() {
  openEngine();
  const [portraits, clips] = await Promise.all([catalogue('portraits/'), catalogue('songs/')]);
  cast.offer(portraits, new URL('portraits/', base));
  songs.offer(clips, new URL('songs/', base));
  if (clips.length && !clip && !underway.clip && !engine.stopped) songs.choose(clips[0].id);
}

async function catalogue(folder) {
  const response = await fetch(new URL(`${folder}catalogue.json`, base)).catch(() => null);
  if (response?.ok) return response.json();
  showError(words.missingCatalogue);
  return [];
}

/** What is on stage or about to be, and what is going on there. */
function onStage() {
  return {
    portrait: underway.portrait ?? portrait,
    face: underway.portrait ? 0 : (underway.face ?? portrait?.info.face ?? 0),
    clip: underway.clip ?? clip,
    filming,
    playing: player.playing,
    time: underway.clip ? 0 : player.time,
  };
}

/** Starts a worker, or another after one broke, and gives it the `work` that the former one had. */
async function openEngine(work = onStage()) {
  clearError();
  setStatus('loading', recovering ? words.recovering : words.loading);
  engine?.stop();
  [busy, filming, opening] = [0, false, true];
  const mine = new Engine({
    loading: ({ part }) => setLoading(part),
    filming: ({ done, total }) => film.progress(done, total),
    following: ({ done, total, what }) => busy && setProgress(words.following(what, done, total), done / total),
    broken: engineBroke,
  });
  engine = mine;
  const canvas = stage.takeCanvas();
  // Whatever is asked of the worker from here on waits in its queue until it has opened.
  try {
    const opened = await engine.request('open', { canvas, asked: settings.backend, debug: settings.debug }, [canvas]);
    adapter = opened.adapter;
    if (adapter.is_fallback) stage.useSoftwareLimit();
    film.offer(opened.codecs);
    refiner.opened(opened);
    showBackend(opened);
    await restore(work, mine);
  } catch (error) {
    fail(error);
  }
  if (engine !== mine || mine.stopped) return;
  [opening, recovering] = [false, false];
  settle();
  if (work.filming && portrait && clip) startFilming(words.filmingAgain);
}

/** Does again what a former worker had done or was doing, unless this one breaks too. */
async function restore({ portrait, face, clip, playing, time }, worker) {
  if (clip) await drive(clip.id, clip.source, clip.lyrics);
  if (portrait && !worker.stopped) await analyse(portrait);
  if (face && !worker.stopped) await chooseFace(face);
  if (worker.stopped || !clip) return;
  player.seek(time);
  if (playing) player.play();
}

/** Says which way the page runs: always, since it decides how fast it is. */
async function showBackend(opened) {
  const { backend, why, name } = opened.backend;
  $('backend').dataset.backend = backend;
  $('backend').textContent = words.backend[why](name);
  $('backend').hidden = false;
  (await debug)?.show?.(opened);
}

function engineBroke(reason) {
  const work = onStage();
  camera.close();
  if (player.playing) player.pause();
  film.end();
  [busy, filming] = [0, false];
  recovering = isGpuLoss(reason) && recovery.lost();
  if (recovering) {
    console.warn(`Portraoke starts again: ${reason}`);
    openEngine(work);
    return;
  }
  console.error(`Portraoke's worker broke: ${reason}`);
  opening = false;
  refresh();
  showError(brokenSentence(reason), { restart: true });
}

// --- who sings

async function choosePortrait(file, name, sample) {
  if (filming) return;
  try {
    await analyse({ name, sample, bytes: await photoBytes(file, name) });
  } catch (error) {
    fail(error);
  }
}

/** Reads a portrait and puts it on stage. Where it cannot be read, the former one stays. */
async function analyse(candidate) {
  await changing(words.analysing, { portrait: candidate }, async () => {
    const info = await engine.request('portrait', { bytes: candidate.bytes });
    portrait = { ...candidate, info };
    stage.show(info);
    markPlaces(info);
    $('preview').setAttribute('aria-label', candidate.name);
    const notes = info.faces.length > 1 ? [words.severalFaces(info.faces.length), ...info.notes] : info.notes;
    cast.show({ ...portrait, notes });
    stage.offerFaces(info.faces, info.face, chooseFace);
    stage.scrollIntoSight();
    refiner.load();
  });
}

async function chooseFace(index) {
  if (filming) return;
  await changing(words.analysing, { face: index }, async () => {
    const info = await engine.request('face', { index });
    portrait.info = info;
    markPlaces(info);
    stage.offerFaces(info.faces, index, chooseFace);
  });
}

/** Where lips and label are, as parts of the frame, for tests and tools that measure the video. */
function markPlaces({ width, height, faces, face, label }) {
  for (const [name, box] of Object.entries({ mouth: faces[face].mouth, label })) {
    const parts = { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height };
    $('preview').dataset[name] = JSON.stringify(parts);
  }
}

function removePortrait() {
  player.pause();
  portrait = null;
  stage.show(null);
  cast.show(null);
  settle();
}

// --- what they sing

/** @returns {Promise<boolean>} whether the clip is on stage */
function chooseClip(id, source) {
  manner.reset();
  return drive(id, source);
}

/** The same clip in another manner: another voice, tempo, part. */
function performAgain() {
  if (clip) drive(clip.id, clip.source, clip.lyrics);
}

/** Puts a clip on stage; `retyped` are other words for it. Where it cannot be used, the former one stays. */
async function drive(id, source, retyped) {
  if (filming) return false;
  camera.close();
  const wanted = { id, source, lyrics: retyped };
  const learnt = await changing(words.learning[source.kind], { clip: wanted }, async () => {
    const { samples, ...info } = await learn(wanted);
    info.title ||= words.untitled;
    clip = { ...wanted, info };
    player.load({ ...info, samples });
    captions.load(info.track.words, info.lyrics ?? '');
    lyrics.show(info.lyrics, info.language, retyped === undefined, source.kind === 'score' ? source.name : undefined);
    manner.show(info);
    driverFaces.show(info.faces, source.at);
    $('clip-notes').textContent = info.notes.join(' ');
    songs.mark(id);
    $('seek').max = player.duration;
    tick(0);
  });
  if (!learnt && clip) songs.mark(clip.id);
  return learnt;
}

/** Asks the worker for a clip's sound and motion. */
function learn({ source, lyrics }) {
  const { seed } = settings;
  switch (source.kind) {
    case 'score':
      return engine.request('song', { score: source.score, settings: { ...manner.score, lyrics, seed } });
    case 'recording':
      return engine.request('recording', { ...source, seed, expressiveness: manner.expressiveness });
    default:
      return engine.request('track', { bytes: source.bytes, title: source.name.replace(/(\.track)?\.[^.]{1,5}$/, '') });
  }
}

async function saveMotion(format) {
  if (!clip) return;
  const text = await engine.request('saved', { format }).catch(fail);
  if (text === undefined) return;
  if (format === 'csv') save(text, 'text/csv', `${slug(clip.info.title)}.csv`);
  else save(text, 'application/json', `${slug(clip.info.title)}.track.json`);
}

// --- the camera

function cameraOpened() {
  player.pause();
  tick(player.time);
  clearError();
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
  if (busy || filming || opening || engine.stopped) return bitmap.close();
  return engine.request('live', { bitmap, time, ...stage.pixels }, [bitmap]).catch(fail);
}

// --- playing

async function draw(time) {
  if (!portrait || !engine || filming || camera.on) return;
  await engine.request('frame', { time, ...stage.pixels }).catch(fail);
}

function tick(time) {
  const whole = player.duration;
  const part = whole ? time / whole : 0;
  const seek = $('seek');
  seek.value = time;
  seek.style.setProperty('--at', `${part * 100}%`);
  seek.setAttribute('aria-valuetext', `${clock(time)} of ${clock(whole)}`);
  $('captions').hidden = !portrait || camera.on; // nobody there to sing them
  $('clock').textContent = `${clock(time)} / ${clock(whole)}`;
  $('wordmark').style.setProperty('--sung', part.toFixed(4));
  captions.show(time);
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function togglePlay() {
  if (player.playing) return player.pause();
  clearError();
  camera.close();
  stage.hideFaces();
  player.play();
}

function playingChanged(playing) {
  $('play').classList.toggle('playing', playing);
  $('play').setAttribute('aria-label', playing ? words.pause : words.play);
  settle();
}

// --- filming

async function startFilming(saying = words.exporting) {
  clearError();
  camera.close();
  player.pause();
  filming = true;
  refresh();
  setStatus('exporting', saying);
  film.begin();
  try {
    const made = await engine.request('film', film.wanted(portrait.info, settings.longest, settings.fps));
    filming = false;
    film.show(made, slug(clip.info.title), film.end());
    refresh();
    setStatus('done', words.done);
  } catch (error) {
    filming = false;
    film.end();
    refresh();
    if (!error.cancelled) return fail(error);
    setStatus('ready', words.exportCancelled);
    $('export').focus({ preventScroll: true });
  }
  player.show();
}

// --- what all of it shares

/**
 * Runs a change of what is on stage, with the status and the error that belong to it.
 * @param {string} doing for the status line
 * @param {object} wanted what is `underway` meanwhile
 * @returns {Promise<boolean>}
 */
async function changing(doing, wanted, change) {
  Object.assign(underway, wanted);
  player.pause();
  clearError();
  busy++;
  refresh();
  setStatus('analysing', recovering ? words.recovering : doing);
  try {
    await change();
    return true;
  } catch (error) {
    fail(error);
    return false;
  } finally {
    for (const name of Object.keys(wanted)) if (underway[name] === wanted[name]) delete underway[name];
    busy = Math.max(0, busy - 1);
    settle();
    player.show();
  }
}

function fail(error) {
  if (error.cancelled) return;
  if (error.broken && recovering) return; // it is being done again
  if (error.broken) showError(brokenSentence(error.message), { restart: true });
  else showError(error.message);
}

/** Enables what can be used now. */
function refresh() {
  const playable = Boolean(portrait && clip) && !busy && !filming;
  $('play').disabled = !playable;
  $('seek').disabled = !playable;
  $('export').disabled = !playable || !film.possible;
  songs.lock(filming);
  lyrics.lock(filming);
  manner.lock(filming);
  $('driver-webcam').disabled = filming || camera.on;
  for (const format of ['json', 'csv']) $(`save-${format}`).disabled = !clip || Boolean(busy) || filming;
  for (const control of document.querySelectorAll('#who button, #who input, #export-format, #export-size, #refine')) control.disabled = filming;
}

/** The status line for a quiet moment; an error that is shown stays. */
function settle() {
  refresh();
  if (busy || filming || opening || !$('error').hidden) return;
  if (player.playing) return setStatus('playing', `${words.playing(clip.info.title)}${player.silent ? ` ${words.noSound}` : ''}`);
  const slow = adapter?.is_fallback ? ` ${words.software}` : '';
  if (!portrait) return setStatus('ready', words.choosePortrait + slow);
  if (camera.on) return setStatus('ready', words.cameraReady + slow);
  if (!clip) return setStatus('ready', words.chooseSong + slow);
  setStatus('ready', words.ready(clip.info.title) + slow);
}
