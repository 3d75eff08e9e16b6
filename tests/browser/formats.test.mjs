// Every format that can be taken home, examined by ffprobe and byte by byte; cuts, cancelling, and what is left behind.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loudness, mean } from './measure.mjs';
import { held } from './memory.mjs';
import { data, ffmpeg, ffprobe, photo, reach, setStage, stand } from './stand.mjs';

let place;
let folder;
let room; // {page, trouble}: a page with a worker of our own, a portrait and a song in it
before(async () => {
  place = await stand({ flags: ['--js-flags=--expose-gc'] });
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  room = await place.open();
  await reach(room.page, 'ready');
  const { buffer } = await photo();
  const score = await readFile(data('la-la.musicxml'));
  await room.page.evaluate(openWorker, { photo: [...buffer], score: [...score] });
});
after(async () => {
  await place?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs in the page: a worker beside the page's own, so that every wish can be made of it, not only the panel's. */
async function openWorker({ photo, score }) {
  const [{ Director }, { Engine }, { CONTROLS, emptyShow }, { Vault }, { evenly }] = await Promise.all(
    ['js/director.js', 'js/engine.js', 'js/show.js', 'js/vault.js', 'worker/film/formats.js'].map((path) => import(`./${path}`)),
  );
  const engine = new Engine({ broken: (why) => console.error(why) });
  const canvas = new OffscreenCanvas(2, 2);
  const { codecs } = await engine.request('open', { canvas, asked: null, debug: false }, [canvas]);
  const vault = new Vault();
  const keep = (bytes) => vault.put(new Blob([new Uint8Array(bytes)]));
  const member = { id: 'm1', photo: keep(photo), name: '', face: 0, corrections: [], controls: CONTROLS, mirrored: false, voice: '', part: null };
  const show = { ...emptyShow(), cast: [member], clip: { id: 'own-score', kind: 'score', file: keep(score), name: '' } };
  const director = new Director({ vault, seed: 7, motions: () => [] });
  director.begin(engine);
  await director.play(show, () => {});
  const { width, height } = director.singer(member, show).photo;
  globalThis.room = { engine, codecs, size: evenly({ width, height }, 192 / Math.max(width, height)) };
}

/** Has the worker make a file, and keeps it. @returns what the worker says of it, and its `path` */
async function make(wanted, name = `${wanted.format}-${Math.random().toString(36).slice(2)}`) {
  const made = await room.page.evaluate(async (wanted) => {
    const { engine, size } = globalThis.room;
    const { blob, ...rest } = await engine.request('film', { ...size, fps: 10, ...wanted });
    const url = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(blob);
    });
    return { ...rest, type: blob.type, base64: url.slice(url.indexOf(',') + 1) };
  }, wanted);
  const path = join(folder, `${name}.${made.extension}`);
  await writeFile(path, Buffer.from(made.base64, 'base64'));
  return { ...made, path };
}

const supported = (codec) => room.page.evaluate((codec) => globalThis.room.codecs[codec], codec);

/** Decoded frames as grey planes. */
async function grey(path, { width, height }) {
  const raw = await ffmpeg('-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough', '-vf', 'format=rgb24,format=gray', '-f', 'rawvideo', '-');
  const frames = [];
  for (let at = 0; at + width * height <= raw.length; at += width * height) frames.push(raw.subarray(at, at + width * height));
  return frames;
}

const difference = (a, b) => mean(Array.from(a, (v, i) => Math.abs(v - b[i])));

/** Bright and dark places: the frame shows something. */
const shows = (frame) => assert.ok(Math.max(...frame) - Math.min(...frame) > 100 && mean([...frame]) > 20, 'the frame is blank');

const FILMS = { mp4: ['avc', 'h264'], 'mp4-av1': ['av1', 'av1'], webm: ['vp9', 'vp9'], 'webm-av1': ['av1', 'av1'] };
for (const [format, [codec, name]] of Object.entries(FILMS)) {
  test(`${format}: its codec, size, frames, sound and length, cut to the frame`, async (t) => {
    if (!(await supported(codec))) return t.skip(`this Chromium does not encode ${codec}`);
    const made = await make({ format, from: 1, to: 2.5 });
    const { video, audio, format: file } = await ffprobe(made.path);
    assert.equal(video.codec_name, name);
    assert.deepEqual([video.width, video.height], [made.width, made.height]);
    assert.equal(Math.max(video.width, video.height), 192);
    assert.equal(Number(video.nb_read_frames), 15);
    assert.ok(['opus', 'aac'].includes(audio.codec_name));
    assert.ok(Math.abs(Number(file.duration) - 1.5) < 0.11, `${file.duration} s`);
    assert.ok(Math.abs(Number(video.start_time) - Number(audio.start_time)) < 0.03, `${video.start_time} and ${audio.start_time}`);
    assert.match(JSON.stringify(file.tags), /AI generated/);
    const frames = await grey(made.path, made);
    frames.forEach(shows);
  });
}

test('24, 30 and 60 frames a second give that many frames', async () => {
  for (const fps of [24, 30, 60]) {
    const { video } = await ffprobe((await make({ format: 'mp4', fps, from: 0, to: 0.5 })).path);
    assert.equal(Number(video.nb_read_frames), fps / 2);
    const [n, d] = video.avg_frame_rate.split('/').map(Number);
    assert.ok(Math.abs(n / d - fps) < 0.1, video.avg_frame_rate);
  }
});

test('an MP4 carries the chosen moment as its cover', async () => {
  const { path } = await make({ format: 'mp4', from: 0, to: 0.5, time: 2 });
  const cover = join(folder, 'cover.jpg');
  await ffmpeg('-y', '-i', path, '-map', '0:v:1', '-c', 'copy', '-f', 'image2', '-update', '1', cover);
  const { video } = await ffprobe(cover);
  const shown = (await grey(cover, video))[0];
  const still = await make({ format: 'png', time: 2 });
  assert.deepEqual([video.width, video.height], [still.width, still.height]);
  assert.ok(difference(shown, (await grey(still.path, still))[0]) < 4, 'the cover is another moment');
});

test('a cut film shows and sounds what the whole does there, without a click at its edges', async () => {
  const whole = await make({ format: 'wav' });
  const cut = await make({ format: 'wav', from: 1.2, to: 2.2 });
  const [all, part] = await Promise.all([whole, cut].map(({ path }) => samples(path)));
  assert.ok(Math.abs(part.length - 44100) < 2 || Math.abs(part.length - 48000) < 2, `${part.length} samples`);
  const rate = part.length; // a second
  const at = Math.round(1.2 * rate);
  const middle = part.subarray(rate / 10, rate - rate / 10);
  assert.ok(middle.every((v, i) => Math.abs(v - all[at + rate / 10 + i]) < 1e-4), 'the sound is not that of 1.2 s');
  assert.ok(Math.max(...loudness(middle, rate, 10)) > 0.01, 'the cut is silent');
  for (const edge of [part.subarray(0, 4), part.subarray(-4)]) assert.ok(edge.every((v) => Math.abs(v) < 0.01), 'the edge clicks');

  // Frames: of lossless stills, the one of a frame's own time is nearest to it.
  const film = await make({ format: 'mp4', from: 1.2, to: 2.2 });
  const frames = await grey(film.path, film);
  for (const k of [0, 6]) {
    const distances = [];
    for (const off of [-2, -1, 0, 1, 2]) {
      const still = await make({ format: 'png', time: 1.2 + (k + off) / 10 });
      distances.push(difference(frames[k], (await grey(still.path, film))[0]));
    }
    assert.equal(distances.indexOf(Math.min(...distances)), 2, `frame ${k} differs from the stills round its time by ${distances.map((d) => d.toFixed(2))}`);
  }
});

for (const format of ['gif', 'webp']) {
  test(`${format}: frames that move, at its pace, for ever, and it says what it is`, async (t) => {
    if (format === 'webp' && !(await supported('webp'))) return t.skip('this browser writes no WebP');
    const made = await make({ format, from: 1, to: 2.5, fps: 15 });
    assert.equal(made.frames, 23);
    // Chromium itself is asked: it plays what it decodes, and ffmpeg knows no animated WebP.
    const played = await room.page.evaluate(play, { base64: made.base64, type: made.type });
    assert.equal(played.frames.length, 23);
    assert.equal(played.repeats, Infinity);
    assert.deepEqual([played.width, played.height], [made.width, made.height]);
    const seconds = played.durations.reduce((a, b) => a + b, 0) / 1e6;
    assert.ok(Math.abs(seconds - 23 / 15) < 0.02, `${seconds} s`);
    const moved = played.frames.slice(1).filter((frame, i) => difference(frame, played.frames[i]) > 0.05).length;
    assert.ok(moved > 15, `only ${moved} of 22 frames differ from the one before`);
    played.frames.forEach(shows);
    const still = await make({ format: 'png', time: 1 + 10 / 15 });
    const truth = await room.page.evaluate(play, { base64: still.base64, type: still.type });
    assert.ok(difference(played.frames[10], truth.frames[0]) < 4, 'frame 10 is not the moment 10 / 15 s');
    assert.match(await readFile(made.path, 'latin1'), /AI generated|compositeWithTrainedAlgorithmicMedia/);
    console.log(`${format}: ${(Buffer.from(made.base64, 'base64').length / 23 / 1000).toFixed(1)} kB a frame of ${made.width} x ${made.height}`);
  });
}

test('limits: a GIF is made smaller, slower and shorter than was asked', async () => {
  const { limited } = await import('../../www/worker/film/formats.js');
  const asked = { format: 'gif', width: 1080, height: 1920, fps: 60, from: 3, to: 60 };
  assert.deepEqual(limited(asked), { ...asked, width: 480, height: 854, fps: 20, to: 18 });
  assert.deepEqual(limited({ ...asked, format: 'mp4' }), { ...asked, format: 'mp4' });
});

test('a still has the right size, carries the label and the marks', async () => {
  const still = await make({ format: 'png', time: 1.5 });
  const { video } = await ffprobe(still.path);
  assert.equal(video.codec_name, 'png');
  assert.deepEqual([video.width, video.height], [still.width, still.height]);
  const file = await readFile(still.path, 'latin1');
  assert.match(file, /tEXtDescription\0AI generated/);
  assert.match(file, /iTXtXML:com\.adobe\.xmp[\s\S]*compositeWithTrainedAlgorithmicMedia/);
  await ffmpeg('-xerror', '-err_detect', 'crccheck', '-i', still.path, '-f', 'null', '-'); // chunks' sums are right
  const [frame] = await grey(still.path, still);
  shows(frame);
});

test('the sound alone is as long as the cut', async () => {
  for (const [format, needs] of [['wav', 'pcm-s16'], ['ogg', 'opus'], ['m4a', 'aac']]) {
    if (!(await supported(needs))) continue;
    const { path } = await make({ format, from: 0.5, to: 2 });
    const { video, audio, format: file } = await ffprobe(path);
    assert.equal(video, undefined);
    assert.equal(audio.codec_name, { wav: 'pcm_s16le', ogg: 'opus', m4a: 'aac' }[format]);
    assert.ok(Math.abs(Number(file.duration) - 1.5) < 0.05, `${format}: ${file.duration} s`);
    assert.ok(Math.max(...loudness(await samples(path), 48000, 10)) > 0.01, `${format} is silent`);
  }
});

test('cancel answers within 200 ms, for every kind, and leaves the worker able', async () => {
  for (const format of ['mp4', 'webm', 'gif']) {
    const taken = await room.page.evaluate(cancelling, format);
    console.log(`cancel ${format}: ${taken.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);
    taken.sort((a, b) => a - b);
    // Two busy cores without a graphics card: the goal for the middle one, and no outlier that a visitor would call stuck.
    assert.ok(taken[1] < 200 && taken[2] < 1000, `${format}: ${taken} ms`);
  }
  assert.equal((await make({ format: 'mp4', from: 0, to: 0.3 })).frames, 3);
});

test('after an error in the middle the next film is made', async () => {
  const sentence = await room.page.evaluate(() =>
    globalThis.room.engine.request('film', { format: 'mp4', width: 20000, height: 20000, fps: 10 }).then(() => 'made', (error) => error.message));
  assert.match(sentence, /choose a smaller size or another format/);
  assert.equal((await make({ format: 'webm', from: 0, to: 0.3 })).frames, 3);
});

test('the panel: what each format is good for, and a still, a GIF and the sound by its buttons', async () => {
  const { page, trouble, context } = await place.open('?size=160&fps=6&seed=7');
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  const formats = page.getByTestId('export-format');
  for (const [format, button, extension, player] of [
    ['png', 'Keep this moment', 'png', 'result-picture'],
    ['gif', 'Make the moving picture', 'gif', 'result-picture'],
    ['wav', 'Keep the sound', 'wav', 'result-sound'],
    ['mp4', 'Make the video', 'mp4', 'result-video'],
  ]) {
    await formats.selectOption(format);
    assert.equal(await page.getByTestId('export').innerText(), button);
    assert.ok((await page.locator('#format-hint').innerText()).length > 20);
    assert.equal(await page.getByTestId('export-size').isDisabled(), format === 'wav');
    await page.getByTestId('export').click();
    await reach(page, 'done');
    assert.equal(await page.getByTestId('download').getAttribute('download').then((name) => name.split('.').at(-1)), extension);
    for (const id of ['result-video', 'result-picture', 'result-sound']) {
      assert.equal(await page.locator(`#${id}`).isVisible(), id === player, `${id} after ${format}`);
    }
    assert.equal(await page.getByTestId('copy').isVisible(), format === 'png' && (await page.evaluate(() => isSecureContext)));
  }
  assert.deepEqual(trouble, []);
  await context.close();
});

test('sharing: the file is handed over; a refusal leaves it and says so', async () => {
  const prepare = (context) =>
    context.addInitScript(() => {
      Object.assign(navigator, { canShare: ({ files }) => files.length === 1 });
      navigator.share = async ({ files: [file] }) => {
        globalThis.shared = { name: file.name, type: file.type, size: file.size };
        if (globalThis.refuse) throw new DOMException('no', globalThis.refuse);
      };
    });
  const { page, context } = await place.open('?size=160&fps=6&seed=7', { prepare });
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await page.getByTestId('export-format').selectOption('png');
  await page.getByTestId('export').click();
  await reach(page, 'done');
  const note = page.locator('#result-note');
  await page.getByTestId('share').click();
  const shared = await page.evaluate(() => globalThis.shared);
  assert.match(shared.name, /^portraoke-.*\.png$/);
  assert.ok(shared.size > 1000);
  assert.equal(await note.innerText(), '');
  await page.evaluate(() => (globalThis.refuse = 'AbortError'));
  await page.getByTestId('share').click();
  assert.equal(await note.innerText(), '');
  await page.evaluate(() => (globalThis.refuse = 'NotAllowedError'));
  await page.getByTestId('share').click();
  await page.waitForFunction(() => /download it instead/.test(document.getElementById('result-note').textContent));
  assert.ok(await page.getByTestId('download').isVisible());
  await context.close();
});

test('ten exports leave nothing behind', async (t) => {
  if (process.platform !== 'linux') return t.skip('memory is read from /proc');
  const round = async (times) => {
    for (let i = 0; i < times; i++) {
      await room.page.evaluate(async () => {
        const { engine, size } = globalThis.room;
        for (const format of ['mp4', 'gif', 'png']) await engine.request('film', { ...size, format, fps: 10, from: 0, to: 0.4 });
      });
    }
    for (let i = 0; i < 3; i++) {
      for (const place of [room.page, ...room.page.workers()]) await place.evaluate(() => globalThis.gc());
      await new Promise((done) => setTimeout(done, 400));
    }
    return held() / 1e6;
  };
  const before = await round(3); // encoders and caches are there from then on
  const after = await round(10);
  console.log(`${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after ten exports (${(100 * (after / before - 1)).toFixed(1)} %)`);
  assert.ok(after < 1.05 * before, `${before.toFixed(0)} MB became ${after.toFixed(0)} MB`);
});

test('nothing went wrong in the worker meanwhile', () => assert.deepEqual(room.trouble, []));

/** Sound of a file as mono floats: a WAV at its own rate, anything else at 48 kHz. */
async function samples(path) {
  const rate = path.endsWith('.wav') ? [] : ['-ar', '48000'];
  const raw = await ffmpeg('-i', path, '-ac', '1', ...rate, '-f', 'f32le', '-');
  return new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
}

/** Runs in the page: every frame of a picture file as grey, with how long it stays (microseconds). */
async function play({ base64, type }) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const decoder = new ImageDecoder({ data: bytes, type });
  await decoder.completed;
  await decoder.tracks.ready;
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
  const out = { frames: [], durations: [], repeats: repetitionCount, width: 0, height: 0 };
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    const { displayWidth: width, displayHeight: height } = image;
    const pen = new OffscreenCanvas(width, height).getContext('2d');
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    out.frames.push(Array.from({ length: width * height }, (_, i) => Math.round((data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3)));
    out.durations.push(image.duration ?? 0);
    Object.assign(out, { width, height });
    image.close();
  }
  return out;
}

/** Runs in the page: three films cancelled in their middle; milliseconds until each answered. */
async function cancelling(format) {
  const { engine, size } = globalThis.room;
  const taken = [];
  for (const after of [400, 700, 1000]) {
    const film = engine.request('film', { format, ...size, fps: 60 }).then(() => 'made', (error) => error.cancelled);
    await new Promise((done) => setTimeout(done, after));
    const asked = performance.now();
    engine.cancel();
    if ((await film) !== true) throw new Error('the film was made before it could be cancelled');
    taken.push(performance.now() - asked);
  }
  return taken;
}
