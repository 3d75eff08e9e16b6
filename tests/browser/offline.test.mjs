// After one visit the page works without a host; a new version comes without surprise and never in part.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { precache } from '../../scripts/precache.mjs';
import { serve } from '../../scripts/serve.mjs';
import { launch } from './chromium.mjs';
import { data, reach } from './stand.mjs';

const dist = resolve(import.meta.dirname, '../../dist');
const SMALL = '?size=64&fps=2&seed=7';

let browser;
let folder; // of the host, the page in its subfolder `sub/`
let host;
let home; // the page's address
let asked; // paths in the order in which the host was asked
let context;
let foreign; // requests of page, worker and service worker to anybody else
before(async () => (browser = await launch()));
after(() => browser?.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  await cp(dist, join(folder, 'sub'), { recursive: true });
  asked = [];
  host = await serve(folder, 0, {}, { asked: (path) => asked.push(path.replace('/sub/', '')) });
  home = `${host.url}sub/`;
  context = await browser.newContext({ serviceWorkers: 'allow' });
  context.setDefaultTimeout(120_000);
  foreign = [];
  context.on('request', (request) => !/^(blob|data):/.test(request.url()) && !request.url().startsWith(home) && foreign.push(request.url()));
});
afterEach(async () => {
  await context.close();
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

/** @returns {Promise<{page: import('playwright-core').Page, trouble: string[]}>} */
async function visit(query = SMALL) {
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  await page.goto(home + query);
  return { page, trouble };
}

const line = (page, state) => page.locator(`[data-testid=offline][data-state=${state}]`);
const kept = (page) => line(page, 'kept').waitFor({ state: 'attached' });
const caches = (page) => page.evaluate(() => window.caches.keys());

async function gone() {
  await host.close();
  host = null;
}

/** Puts another version on the host: one sentence of its index.html is new, and in no other language. */
async function deploy(sentence) {
  const path = join(folder, 'sub/index.html');
  await writeFile(path, (await readFile(path, 'utf8')).replace(/<title[^>]*>.*<\/title>/, `<title>${sentence}</title>`));
  await writeFile(join(folder, 'sub/precache.js'), `self.precache = ${JSON.stringify(await precache(join(folder, 'sub')))};`);
}

/** Has the browser look for a new version, as it does by itself whenever the page is opened. */
const look = (page) => page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));

async function sing(page) {
  await page.getByTestId('portrait-sample').nth(1).click();
  await page.getByTestId('portrait-item').waitFor();
  await reach(page, 'ready');
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  await page.getByTestId('play').click();
  await reach(page, 'ready');
}

test('one visit, and without a host the page opens, sings any song and makes a film', async () => {
  const first = await visit();
  await kept(first.page);
  await gone();
  await first.page.close();
  const { page, trouble } = await visit();
  await reach(page, 'ready');
  await page.getByTestId('clip-choice').last().check();
  await page.waitForFunction(() => document.querySelector('[data-testid=status]').dataset.state === 'ready');
  await sing(page);
  await page.getByTestId('driver-input').setInputFiles(data('la-la.musicxml'));
  await page.locator('[data-clip=own-score]').waitFor({ state: 'attached' });
  await reach(page, 'ready');
  await page.getByTestId('export').click();
  await reach(page, 'done');
  for (const image of await page.locator('#cast img').all()) assert.ok(await image.evaluate((img) => img.naturalWidth > 0));
  assert.deepEqual(trouble, []);
  assert.deepEqual(foreign, []);
});

test('the page of the first visit goes on when the host goes', async () => {
  const { page, trouble } = await visit();
  await kept(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await gone();
  await page.getByTestId('clip-choice').last().check();
  await reach(page, 'ready');
  await sing(page);
  assert.deepEqual(trouble, []);
});

test('what is kept is fetched when the page is ready, and nothing of the other backend', async () => {
  const page = await context.newPage();
  let until = Infinity;
  await page.exposeFunction('nowReady', () => (until = Math.min(until, asked.length)));
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const line = document.querySelector('[data-testid=status]');
      new MutationObserver(() => line.dataset.state === 'ready' && window.nowReady()).observe(line, { attributes: true });
    });
  });
  await page.goto(home + SMALL);
  await kept(page);
  const [before_, after_] = [asked.slice(0, until), asked.slice(until)];
  assert.ok(before_.includes('pkg-fallback/portraoke_bg.wasm'));
  const first = /^$|^(css|js|worker|pkg-fallback)\/|^worker\.js$|^models\/.+\.(onnx|safetensors)$|^vendor\/bricolage|^(portraits|songs)\/catalogue\.json$|^portraits\/thumbs\/|^icon|^manifest|^locales\/en\.json$|^songs\/[\w-]+\.mxl$/;
  assert.deepEqual(before_.filter((path) => !first.test(path)), [], 'nothing for later is fetched before the page is ready');
  assert.ok(before_.filter((path) => /\.mxl$/.test(path)).length <= 1, 'and of the songs only the one that is chosen');
  for (const path of ['service-worker.js', 'precache.js', 'vendor/mediabunny.min.mjs']) assert.ok(after_.includes(path), path);
  const other = asked.filter((path) => /^pkg\/|\.plan$/.test(path));
  assert.deepEqual(other, [], 'the other backend is left out');
});

test('whoever saves data is left alone', async () => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }) }));
  const { page, trouble } = await visit();
  await reach(page, 'ready');
  await page.waitForTimeout(7000); // past the moment at which it would begin
  assert.ok(!asked.includes('service-worker.js'));
  assert.deepEqual(await caches(page), []);
  assert.deepEqual(trouble, []);
});

test('a new version is offered, comes when asked for, and fetches only what is new', async () => {
  const { page, trouble } = await visit();
  await kept(page);
  const [old] = await caches(page);
  await deploy('Another version');
  asked.length = 0;
  await look(page);
  await line(page, 'waiting').waitFor({ state: 'attached' });
  assert.deepEqual(asked.filter((path) => !/^(service-worker|precache)\.js$/.test(path)), ['index.html']);
  assert.notEqual(await page.title(), 'Another version', 'it never reloads by itself');
  await page.waitForTimeout(1000);
  assert.notEqual(await page.title(), 'Another version', 'nor a moment later');

  const second = await visit();
  assert.notEqual(await second.page.title(), 'Another version', 'a second tab is of the same version');
  await page.getByTestId('reload').click();
  await page.getByText(/other tabs/).waitFor({ state: 'attached' });
  assert.notEqual(await page.title(), 'Another version', 'two versions are never open at once');
  await page.close();

  await line(second.page, 'waiting').waitFor({ state: 'attached' });
  await Promise.all([second.page.waitForNavigation(), second.page.getByTestId('reload').click()]);
  assert.equal(await second.page.title(), 'Another version');
  await kept(second.page);
  const names = await caches(second.page);
  assert.equal(names.length, 1, 'the old version’s files are gone');
  assert.notEqual(names[0], old);
  assert.deepEqual(trouble, []);
});

test('a new version comes by itself at the next visit', async () => {
  const { page } = await visit();
  await kept(page);
  await deploy('Another version');
  await look(page);
  await line(page, 'waiting').waitFor({ state: 'attached' });
  await page.goto('about:blank');
  await page.waitForTimeout(500);
  await page.goto(home + SMALL);
  assert.equal(await page.title(), 'Another version');
});

test('half an upload is not taken for a version', async () => {
  const { page } = await visit();
  await kept(page);
  await deploy('Half a version');
  await writeFile(join(folder, 'sub/css/page.css'), 'body { display: none }'); // not the one that precache.js tells of
  const precached = join(folder, 'sub/precache.js');
  await writeFile(precached, (await readFile(precached, 'utf8')).replace(/"css\/page.css":"\w/, '"css/page.css":"x'));
  await look(page).catch(() => {});
  await page.waitForTimeout(3000);
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting), null);
  await page.goto(home + SMALL);
  await reach(page, 'ready');
  assert.notEqual(await page.title(), 'Half a version');
  assert.ok(await page.locator('body').isVisible());
});

test('without room for it the page goes on from the network, quietly', async () => {
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: new URL(home).origin, quotaSize: 1_000_000 });
  await page.goto(home + SMALL);
  await reach(page, 'ready');
  await page.evaluate(async () => {
    while (!(await navigator.serviceWorker.getRegistration())) await new Promise((next) => setTimeout(next, 50));
    while (await navigator.serviceWorker.getRegistration()) await new Promise((next) => setTimeout(next, 50));
  });
  assert.deepEqual(await caches(page), [], 'what came is given back');
  await sing(page);
  assert.deepEqual(trouble, []);
});

test('what the manifest names is there, and Chromium finds nothing against installing the page', async () => {
  const { page } = await visit();
  await kept(page);
  const manifest = JSON.parse(await readFile(join(dist, 'manifest.webmanifest'), 'utf8'));
  for (const { src, sizes, type } of manifest.icons.filter(({ type }) => type === 'image/png')) {
    const response = await page.request.get(home + src);
    assert.equal(response.headers()['content-type'], type);
    const bytes = await response.body();
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes);
  }
  const cdp = await context.newCDPSession(page);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  // Playwright's contexts are incognito ones, from which nothing can be installed.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito'), []);
});
