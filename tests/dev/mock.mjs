// Serves www/ with the mock engine and stand-in catalogues, for work on the page alone: node tests/dev/mock.mjs
import { mkdtempSync, readdirSync, writeFileSync, existsSync, symlinkSync, cpSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { serve } from '../../scripts/serve.mjs';
export function mock(port = 0) {
  const dir = mkdtempSync(join(tmpdir(), 'mock-'));
  cpSync('www', dir, { recursive: true });
  mkdirSync(join(dir, 'vendor'), { recursive: true });
  cpSync('node_modules/mediabunny/dist/bundles/mediabunny.min.mjs', join(dir, 'vendor/mediabunny.min.mjs'));
  cpSync('node_modules/@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2', join(dir, 'vendor/bricolage-grotesque.woff2'));
  const over = { '/pkg/portraoke.js': resolve('tests/dev/mock_studio.js'), '/pkg/portraoke_bg.wasm': resolve('package.json') };
  for (const m of ['face_detector.onnx', 'face_landmarks.onnx', 'person_matte.onnx', 'head.safetensors']) over[`/models/${m}`] = resolve('package.json');
  if (!existsSync('www/songs/catalogue.json')) {
    mkdirSync(join(dir, 'songs'), { recursive: true });
    writeFileSync(join(dir, 'songs/catalogue.json'), JSON.stringify([
      { id: 'daisy-bell', title: 'Daisy Bell', language: 'en', year: 1892, composer: 'Harry Dacre', file: 'daisy.musicxml', duration: 24 },
      { id: 'korobeiniki', title: 'Korobeiniki', language: 'ru', year: 1861, composer: 'Russian folk tune', file: 'daisy.musicxml', duration: 19 },
      { id: 'la-donna', title: 'La donna è mobile', language: 'it', year: 1851, composer: 'Giuseppe Verdi', file: 'daisy.musicxml', duration: 21 }]));
    writeFileSync(join(dir, 'songs/daisy.musicxml'), '<score-partwise/>');
  }
  if (!existsSync('www/portraits/catalogue.json')) {
    mkdirSync(join(dir, 'portraits'), { recursive: true });
    const photos = readdirSync('/work/shared/assets/photos/modern').slice(0, 4);
    photos.forEach((f) => cpSync(`/work/shared/assets/photos/modern/${f}`, join(dir, 'portraits', f)));
    writeFileSync(join(dir, 'portraits/catalogue.json'), JSON.stringify(photos.map((file, i) => ({ id: `p${i}`, name: `Person ${i}`, file, alt: 'someone' }))));
  }
  return serve(dir, port, over);
}
if (process.argv[2]) console.log((await mock(Number(process.argv[2]))).url);
