// What every browser test stands on: the built page served, a browser, and a record of what went wrong in it.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { serve } from '../../scripts/serve.mjs';
import { launch } from './chromium.mjs';

const run = promisify(execFile);
const here = import.meta.dirname;
export const data = (name) => join(here, 'data', name);

/** Small pictures and few frames: SwiftShader draws with the processor. */
export const QUICK = '?size=256&fps=30&seed=7';
const PHOTOS = resolve(here, '../../../shared/assets/photos/modern');


/** @param {{graphics?: 'webgpu'|'webgl'|'none', flags?: string[]}} [options] */
export async function stand(options) {
  const server = await serve(resolve(here, '../../dist'));
  const browser = await launch(options);
  return {
    url: server.url,
    browser,
    /**
     * Opens the page; `trouble` collects console errors, failed and foreign requests; `requests` all paths.
     * `prepare` may change the context before the page is asked for. The service worker is left out unless a test wants it:
     * what it keeps for later is not what the page asks for.
     */
    async open(query = QUICK, { prepare, ...contextOptions } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block', ...contextOptions });
      await prepare?.(context);
      context.setDefaultTimeout(120_000); // a loaded machine without a graphics card is slow, not wrong
      const page = await context.newPage();
      const trouble = [];
      const requests = []; // paths, the worker's own included
      page.on('console', (message) => message.type() === 'error' && trouble.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => trouble.push(`page: ${error.message}`));
      context.on('response', (response) => response.status() >= 400 && trouble.push(`${response.status()}: ${response.url()}`));
      context.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        requests.push(new URL(request.url()).pathname);
        if (protocol !== 'blob:' && origin !== new URL(server.url).origin) trouble.push(`foreign: ${request.url()}`);
      });
      await page.goto(server.url + query);
      return { page, trouble, requests, context };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Waits until the status line reaches one of the states; an error in its place fails with its sentence. */
export async function reach(page, ...states) {
  // Found and read in one step: between two the state may move on.
  const found = await page.waitForFunction(
    (wanted) => {
      const { state } = document.querySelector('[data-testid=status]').dataset;
      return wanted.includes(state) ? state : null;
    },
    [...states, 'error'],
    { timeout: 300_000 },
  );
  if (states.includes(await found.jsonValue())) return;
  throw new Error(`the page says: ${await page.getByTestId('error').innerText()}`);
}

/** A real photo where the checkout has some beside it, else a bundled synthetic one: `{name, buffer}`. */
export async function photo(n = 0) {
  if (existsSync(PHOTOS)) {
    const name = readdirSync(PHOTOS).filter((file) => /\.(jpe?g|png)$/i.test(file)).sort()[n];
    return { name, mimeType: 'image/jpeg', buffer: await readFile(join(PHOTOS, name)) };
  }
  const folder = resolve(here, '../../www/portraits');
  const { file } = JSON.parse(await readFile(join(folder, 'catalogue.json'), 'utf8'))[n];
  return { name: file, mimeType: 'image/jpeg', buffer: await readFile(join(folder, file)) };
}

/** Puts a portrait and, where given, an own score on stage. */
export async function setStage(page, { portrait, score }) {
  await reach(page, 'ready');
  if (score) {
    await page.getByTestId('driver-input').setInputFiles(score);
    await page.locator('[data-clip=own-score]').waitFor({ state: 'attached' });
    await reach(page, 'ready');
  }
  await page.getByTestId('portrait-input').setInputFiles(portrait);
  await page.getByTestId('portrait-item').filter({ hasText: portrait.name }).first().waitFor();
  await reach(page, 'ready');
}

/** Presses export and keeps the file at `path`. */
export async function film(page, path) {
  await page.getByTestId('export').click();
  await reach(page, 'done');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  await download.saveAs(path);
  return download.suggestedFilename();
}

const FFMPEG = process.env.FFMPEG || 'ffmpeg';

/** Runs ffmpeg and returns what it writes to stdout. */
export async function ffmpeg(...args) {
  const { stdout } = await run(FFMPEG, ['-v', 'error', '-nostdin', ...args], { encoding: 'buffer', maxBuffer: 1 << 30 });
  return stdout;
}

/** What ffprobe says of a file, with the video frames counted. */
export async function ffprobe(path) {
  const { stdout } = await run(FFMPEG.replace(/ffmpeg(?=[^/]*$)/, 'ffprobe'), [
    '-v', 'error', '-count_frames', '-show_streams', '-show_format', '-of', 'json', path,
  ]);
  const { streams, format } = JSON.parse(stdout);
  const of = (kind) => streams.find((stream) => stream.codec_type === kind);
  return { video: of('video'), audio: of('audio'), format };
}
