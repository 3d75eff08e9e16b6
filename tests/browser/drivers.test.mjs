// Whatever sings drives the portrait: sound, a film of a face, the camera, a saved motion, and the manner of a song.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, copyFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pearson } from './measure.mjs';
import { data, ffmpeg, ffprobe, film, photo, reach, setStage, stand } from './stand.mjs';

let folder;
let place;
let page;
let trouble;
let sung; // the motion of the song
let face; // a film of a portrait that sings it
const at = (name) => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  place = await stand();
  ({ page, trouble } = await place.open('?size=384&fps=25&seed=7'));
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  sung = JSON.parse(await kept('json'));
  face = at('face.mp4');
  await film(page, face);
});
after(async () => {
  await place?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The contents of the motion file that the page saves. */
async function kept(format, from = page) {
  await from.locator('details', { has: from.getByTestId(`save-${format}`) }).evaluate((details) => (details.open = true));
  const [download] = await Promise.all([from.waitForEvent('download'), from.getByTestId(`save-${format}`).click()]);
  return readFile(await download.path(), 'utf8');
}

/** Gives the page a file to be driven by, and waits until it is. */
async function driveBy(path, id, from = page) {
  // A file of the visitor's gets a new line in the list once it can be used.
  await from.evaluate(() => document.querySelectorAll('input[data-clip^=own-]').forEach((input) => (input.dataset.clip = 'former')));
  await from.getByTestId('driver-input').setInputFiles(path);
  await from.locator(`input[data-clip=${id}], #error:not([hidden])`).first().waitFor({ state: 'attached' });
  await reach(from, 'ready');
  assert.ok(await from.locator(`input[data-clip=${id}]`).isChecked(), id);
}

/** A channel of a track at the times of another's samples. */
function sampled(track, name, rate, count) {
  const values = track.channels[name] ?? [0];
  return Array.from({ length: count }, (_, i) => values[Math.min(values.length - 1, Math.round((i / rate) * track.rate))]);
}

/** Best correlation of two tracks' jaws and its lag in frames of 25 Hz, + where `b` is late. */
function alike(a, b) {
  const count = Math.floor(Math.min(a.channels.jawOpen.length / a.rate, b.channels.jawOpen.length / b.rate) * 25);
  const [x, y] = [a, b].map((track) => sampled(track, 'jawOpen', 25, count));
  let best = { r: -1 };
  for (let lag = -6; lag <= 6; lag++) {
    const r = pearson(x.slice(Math.max(0, -lag), count - Math.max(0, lag)), y.slice(Math.max(0, lag), count + Math.min(0, lag)));
    if (r > best.r) best = { r, lag };
  }
  return best;
}

test('a film of a face drives another portrait, with its own sound and without delay', async () => {
  await driveBy(face, 'own-recording');
  const track = JSON.parse(await kept('json'));
  assert.equal(track.rate, 25);
  const { r, lag } = alike(sung, track);
  assert.ok(r > 0.9 && Math.abs(lag) <= 1, `jaw: r ${r.toFixed(3)}, lag ${lag}`);
  const path = at('driven.mp4');
  await film(page, path);
  const { video, audio, format } = await ffprobe(path);
  assert.equal(video.codec_name, 'h264');
  assert.ok(audio, 'the film keeps its sound');
  assert.ok(Math.abs(Number(format.duration) - Number((await ffprobe(face)).format.duration)) < 0.2);
  assert.match(JSON.stringify(format.tags), /AI generated/);
});

for (const [name, ...encoder] of [['song.mp3'], ['song.m4a', '-c:a', 'aac'], ['song.ogg', '-c:a', 'libvorbis'], ['song.wav'], ['song.flac']]) {
  test(`a voice in ${name} drives the portrait`, async () => {
    await ffmpeg('-y', '-i', face, '-vn', '-ar', '44100', ...encoder, at(name));
    await driveBy(at(name), 'own-recording');
    const { r, lag } = alike(sung, JSON.parse(await kept('json')));
    assert.ok(r > 0.6 && Math.abs(lag) <= 2, `jaw: r ${r.toFixed(3)}, lag ${lag}`);
    assert.equal(await page.locator('#lyrics-card').isHidden(), true, 'there are no words to retype');
  });
}

test('a driven sound comes out as a video', async () => {
  const path = at('spoken.webm');
  await page.getByTestId('export-format').selectOption('webm');
  await film(page, path);
  const { video, audio } = await ffprobe(path);
  assert.deepEqual([video.codec_name, audio.codec_name], ['vp9', 'opus']);
  await page.getByTestId('export-format').selectOption('mp4');
});

test('saved motions come back, and go to Live Link Face', async () => {
  const before = JSON.parse(await kept('json'));
  const csv = await kept('csv');
  assert.match(csv, /^Timecode,BlendShapeCount,EyeBlinkLeft,/);
  assert.equal(csv.split('\n')[1].split(',').length, 63);
  for (const [name, text] of [['motion.track.json', JSON.stringify(before)], ['take.csv', csv]]) {
    await driveBy({ name, mimeType: 'text/plain', buffer: Buffer.from(text) }, 'own-track');
    const { r, lag } = alike(before, JSON.parse(await kept('json')));
    assert.ok(r > 0.999 && lag === 0, `${name}: ${r} at ${lag}`);
  }
  const path = at('silent.mp4');
  await film(page, path);
  assert.equal((await ffprobe(path)).audio, undefined);
});

test('a phone held upright, uneven frames, and a video without sound', async () => {
  // Lying in the file and stood up by its metadata; every third frame missing; no sound.
  await ffmpeg('-y', '-i', face, '-an', '-vf', "transpose=cclock,select='mod(n,3)'", '-fps_mode', 'vfr', at('lying.mp4'));
  await ffmpeg('-y', '-i', at('lying.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=270', at('phone.mp4'));
  await driveBy(at('phone.mp4'), 'own-recording');
  assert.match(await page.getByTestId('clip-notes').innerText(), /no sound/);
  const { r, lag } = alike(sung, JSON.parse(await kept('json')));
  assert.ok(r > 0.85 && Math.abs(lag) <= 1, `jaw: r ${r.toFixed(3)}, lag ${lag}`);
});

test('of two faces one is chosen', async () => {
  // The left one sings, the right one is a still.
  const { height } = (await ffprobe(face)).video;
  await ffmpeg('-y', '-i', face, '-an', '-t', '1.6', '-filter_complex',
    `[0]split[a][b];[b]trim=end_frame=1,loop=-1:1,setpts=N/25/TB,scale=iw*0.8:-2,pad=iw:${height}:0:0,setsar=1[s];[a]setsar=1[c];[c][s]hstack=shortest=1`, at('pair.mp4'));
  await driveBy(at('pair.mp4'), 'own-recording');
  assert.equal(await page.getByTestId('driver-face').count(), 2);
  const moves = async () => Math.max(...(JSON.parse(await kept('json')).channels.jawOpen ?? [0]));
  assert.ok((await moves()) > 0.15, 'the larger face sings');
  await page.getByTestId('driver-face').nth(1).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=driver-face]')[1]?.getAttribute('aria-pressed') === 'true');
  await reach(page, 'ready');
  assert.ok((await moves()) < 0.1, 'the other is still');
});

const refusals = [
  ['silence', ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', '3', 'silence.wav'], /silent/i],
  ['noise without a voice', ['-f', 'lavfi', '-i', 'anoisesrc=d=4:a=0.3', 'noise.wav'], /no (voice|singing)|neither/i],
  ['two hours of sound', ['-f', 'lavfi', '-i', 'sine=r=8000', '-t', '7200', '-c:a', 'pcm_u8', 'long.wav'], /7200 s.*600 s of sound/],
  ['a video without a face', ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10', '-t', '2', '-pix_fmt', 'yuv420p', 'faceless.mp4'], /no face/i],
  ['pictures that no browser plays', ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10', '-t', '1', '-c:v', 'mpeg2video', 'old.ts'], /this browser can(not)? play/i],
  ['a video of an hour', ['-f', 'lavfi', '-i', 'color=s=64x64:r=1', '-t', '3600', '-pix_fmt', 'yuv420p', 'hour.mp4'], /3600 s.*180 s of video/],
];
for (const [what, args, sentence] of refusals) {
  test(`${what} is refused in one sentence, and the clip before stays`, async () => {
    const path = at(args.at(-1));
    await ffmpeg('-y', ...args.slice(0, -1), path);
    await refused(path, sentence);
  });
}

test('files that are nothing are refused in one sentence', async () => {
  await refused({ name: 'nothing.mp3', mimeType: 'audio/mpeg', buffer: Buffer.alloc(5000, 7) }, /cannot be opened.*choose/);
  await refused({ name: 'empty.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(0) }, /cannot be opened.*choose/);
  await refused({ name: 'x.track.json', mimeType: 'text/plain', buffer: Buffer.from('{"rate": 60}') }, /no motion track/);
  await refused({ name: 'x.csv', mimeType: 'text/plain', buffer: Buffer.from('name,age\nAda,36\n') }, /no motion track/);
});

async function refused(file, sentence) {
  const before = await page.locator('input[name=clip]:checked').getAttribute('data-clip');
  await page.getByTestId('driver-input').setInputFiles(file);
  await page.getByTestId('error').waitFor();
  assert.match(await page.locator('#error-text').innerText(), sentence);
  assert.equal(await page.locator('input[name=clip]:checked').getAttribute('data-clip'), before);
  assert.equal(await page.getByTestId('play').isDisabled(), false);
  await page.locator('#dismiss').click();
}

test('a video that breaks off is used as far as it goes', async () => {
  await ffmpeg('-y', '-i', face, '-c:v', 'libvpx', '-b:v', '1M', '-c:a', 'libopus', '-cluster_time_limit', '300', at('whole.webm'));
  await copyFile(at('whole.webm'), at('cut.webm'));
  await truncate(at('cut.webm'), Math.round((await stat(at('whole.webm'))).size * 0.6));
  await driveBy(at('cut.webm'), 'own-recording');
  assert.ok(JSON.parse(await kept('json')).channels.jawOpen.length > 20);
});

test('following can be cancelled, and the clip before stays', async () => {
  const before = await kept('json');
  await page.getByTestId('driver-input').setInputFiles(face);
  await page.getByTestId('work-cancel').click();
  await reach(page, 'ready');
  assert.equal(await kept('json'), before);
});

test('voice, tempo, key and liveliness of a song can be chosen', async () => {
  await driveBy(data('la-la.musicxml'), 'own-score');
  await page.getByTestId('manner').evaluate((details) => (details.open = true));
  const again = async (act) => {
    await act();
    await page.waitForFunction(() => document.getElementById('status').dataset.state === 'analysing');
    await reach(page, 'ready');
    return JSON.parse(await kept('json'));
  };
  const usual = JSON.parse(await kept('json'));
  const seconds = (track) => (track.channels.jawOpen.length - 1) / track.rate;
  const fast = await again(() => page.getByTestId('tempo').fill('1.5'));
  assert.ok(seconds(fast) < 0.8 * seconds(usual), `${seconds(fast)} of ${seconds(usual)} s`);
  await again(() => page.getByTestId('tempo').fill('1'));
  const shy = await again(() => page.getByTestId('dial').fill('0'));
  const opera = await again(() => page.getByTestId('dial').fill('2'));
  const widest = (track) => Math.max(...track.channels.jawOpen);
  assert.ok(widest(shy) < widest(opera) - 0.1, `${widest(shy)} ${widest(opera)}`);
  await again(() => page.getByTestId('voice').selectOption('robot'));
  await again(() => page.getByTestId('transpose').fill('-5'));
  assert.deepEqual(trouble, []);
});

test('the camera drives live, and what it records becomes a clip', async () => {
  const pictures = at('camera.mjpeg');
  await ffmpeg('-y', '-i', face, '-vf', 'scale=480:-2', '-c:v', 'mjpeg', '-q:v', '3', pictures);
  const booth = await stand({
    flags: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${pictures}`],
  });
  try {
    const { page, trouble } = await booth.open('?size=256&fps=10&seed=7');
    await setStage(page, { portrait: await photo(1) });
    await page.getByTestId('driver-webcam').click();
    await page.locator('#camera[data-seen=true]').waitFor();
    await page.getByTestId('camera-record').click();
    await page.waitForFunction(() => /Recording: [2-9]/.test(document.getElementById('camera-text').textContent));
    await page.getByTestId('camera-record').click();
    await page.locator('input[data-clip=own-recording]').waitFor({ state: 'attached' });
    await reach(page, 'ready');
    const track = JSON.parse(await kept('json', page));
    assert.ok(Math.max(...track.channels.jawOpen) > 0.1, 'the face that was filmed sings');
    const path = at('camera.mp4');
    await film(page, path);
    assert.ok((await ffprobe(path)).audio, 'the microphone is heard');
    assert.deepEqual(trouble, []);
  } finally {
    await booth.close();
  }
});
