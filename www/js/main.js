// The page: wires the parts to the worker. State lives here; each part shows its own.
import { Captions } from './captions.js';
import { Cast } from './cast.js';
import { Engine } from './engine.js';
import { Filming } from './filming.js';
import { photoBytes } from './photo.js';
import { Player } from './player.js';
import { Songs } from './songs.js';
import { Stage } from './stage.js';
import { brokenSentence, clearError, onDismiss, onRestart, setLoading, setStatus, showError } from './status.js';
import { words } from './words.js';

const $ = (id) => document.getElementById(id);
const base = document.baseURI;
const url = new URLSearchParams(location.search);
const settings = {
  seed: Number(url.get('seed')) || 1,
  longest: Math.min(2160, Math.max(0, Number(url.get('size')) || 0)) || undefined,
  fps: Math.min(60, Math.max(0, Number(url.get('fps')) || 0)) || 30,
};

let engine = null;
let adapter = null;
let portrait = null; // {name, sample, bytes, info}
let song = null; // {id, score, lyrics (retyped, or undefined), info}
let busy = 0; // requests that change what is on stage
let filming = false;

const stage = new Stage({ longest: settings.longest, changed: () => player?.show() });
const captions = new Captions($('captions'));
const player = new Player({ draw, tick, changed: playingChanged });
const cast = new Cast({ chosen: choosePortrait, removed: removePortrait, complain: showError });
const songs = new Songs({ chosen: chooseSong, retyped: retypeLyrics, complain: showError });
const film = new Filming({ start: startFilming, cancel: () => engine?.cancel() });

onRestart(openEngine);
onDismiss(settle);
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
  if (navigator.gpu) openEngine();
  else showError(words.noWebGpu);
  const [portraits, clips] = await Promise.all([catalogue('portraits/'), catalogue('songs/')]);
  cast.offer(portraits, new URL('portraits/', base));
  songs.offer(clips, new URL('songs/', base));
  if (engine && clips.length && !song) songs.choose(clips[0].id);
}

async function catalogue(folder) {
  const response = await fetch(new URL(`${folder}catalogue.json`, base)).catch(() => null);
  if (response?.ok) return response.json();
  showError(words.missingCatalogue);
  return [];
}

/** Starts a worker, or starts again after one broke: what was chosen is given to the new one. */
async function openEngine() {
  clearError();
  setStatus('loading', words.loading);
  engine?.stop();
  [busy, filming] = [0, false];
  engine = new Engine({
    loading: ({ part }) => setLoading(part),
    filming: ({ done, total }) => film.progress(done, total),
    broken: engineBroke,
  });
  const canvas = stage.takeCanvas();
  // Whatever is asked of the worker from here on waits in its queue until it has opened.
  try {
    const opened = await engine.request('open', { canvas }, [canvas]);
    adapter = opened.adapter;
    if (adapter.is_fallback) stage.useSoftwareLimit();
    film.offer(opened.codecs);
  } catch (error) {
    return fail(error);
  }
  if (song) await sing(song.id, song.score, song.lyrics);
  if (portrait) await analyse(portrait);
  settle();
}

function engineBroke(reason) {
  console.error(`Portraoke's worker broke: ${reason}`);
  if (player.playing) player.pause();
  film.end();
  [busy, filming] = [0, false];
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
  await changing(words.analysing, async () => {
    const info = await engine.request('portrait', { bytes: candidate.bytes });
    portrait = { ...candidate, info };
    stage.show(info);
    markPlaces(info);
    $('preview').setAttribute('aria-label', candidate.name);
    const notes = info.faces.length > 1 ? [words.severalFaces(info.faces.length), ...info.notes] : info.notes;
    cast.show({ ...portrait, notes });
    stage.offerFaces(info.faces, info.face, chooseFace);
    stage.scrollIntoSight();
  });
}

async function chooseFace(index) {
  if (filming) return;
  await changing(words.analysing, async () => {
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

async function chooseSong(id, score) {
  await sing(id, score, undefined);
}

function retypeLyrics(text) {
  if (song) sing(song.id, song.score, text);
}

/** Learns a song. Where the score cannot be sung, the former song stays. */
async function sing(id, score, lyrics) {
  const learnt = await changing(words.singing, async () => {
    const info = await engine.request('song', { score, lyrics, seed: settings.seed });
    info.title ||= words.untitled;
    song = { id, score, lyrics, info };
    player.load(info);
    captions.load(info.track.words, info.lyrics);
    songs.showLyrics(info.lyrics, info.language, lyrics === undefined);
    songs.mark(id);
    $('seek').max = player.duration;
    tick(0);
  });
  if (!learnt && song) songs.mark(song.id);
}

// --- playing

async function draw(time) {
  if (!portrait || !engine || filming) return;
  await engine.request('frame', { time, ...stage.pixels }).catch(fail);
}

function tick(time) {
  const whole = player.duration;
  const part = whole ? time / whole : 0;
  const seek = $('seek');
  seek.value = time;
  seek.style.setProperty('--at', `${part * 100}%`);
  seek.setAttribute('aria-valuetext', `${clock(time)} of ${clock(whole)}`);
  $('captions').hidden = !portrait; // nobody there to sing them
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
  stage.hideFaces();
  player.play();
}

function playingChanged(playing) {
  $('play').classList.toggle('playing', playing);
  $('play').setAttribute('aria-label', playing ? words.pause : words.play);
  settle();
}

// --- filming

async function startFilming() {
  clearError();
  player.pause();
  filming = true;
  refresh();
  setStatus('exporting', words.exporting);
  film.begin();
  try {
    const made = await engine.request('film', film.wanted(portrait.info, settings.longest, settings.fps));
    filming = false;
    film.show(made, song.info.title, film.end());
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

/** Runs a change of what is on stage, with the status and the error that belong to it. @returns {Promise<boolean>} */
async function changing(doing, change) {
  if (!engine) {
    showError(words.noWebGpu);
    return false;
  }
  player.pause();
  clearError();
  busy++;
  refresh();
  setStatus('analysing', doing);
  try {
    await change();
    return true;
  } catch (error) {
    fail(error);
    return false;
  } finally {
    busy = Math.max(0, busy - 1);
    settle();
    player.show();
  }
}

function fail(error) {
  if (error.cancelled) return;
  if (error.broken) showError(brokenSentence(error.message), { restart: true });
  else showError(error.message);
}

/** Enables what can be used now. */
function refresh() {
  const playable = Boolean(portrait && song) && !busy && !filming;
  $('play').disabled = !playable;
  $('seek').disabled = !playable;
  $('export').disabled = !playable || !film.possible;
  songs.lock(filming);
  for (const control of document.querySelectorAll('#who button, #who input, #export-format, #export-size')) control.disabled = filming;
}

/** The status line for a quiet moment; an error that is shown stays. */
function settle() {
  refresh();
  if (busy || filming || !$('error').hidden) return;
  if (player.playing) return setStatus('playing', words.playing(song.info.title));
  const slow = adapter?.is_fallback ? ` ${words.software}` : '';
  if (!portrait) return setStatus('ready', words.choosePortrait + slow);
  if (!song) return setStatus('ready', words.chooseSong + slow);
  setStatus('ready', words.ready(song.info.title) + slow);
}
