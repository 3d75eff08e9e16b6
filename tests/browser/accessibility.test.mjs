// Nobody is left out: axe finds nothing in any state of the page, in three languages, light and dark, on a desktop and a phone;
// the keyboard alone makes a film; nothing jumps.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { data, ffmpeg, reach, setStage, stand } from './stand.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const portraits = resolve(import.meta.dirname, '../../www/portraits');
const PORTRAIT = { name: 'amara.jpg', mimeType: 'image/jpeg', buffer: await readFile(`${portraits}/amara.jpg`) };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let place;
before(async () => {
  place = await stand({ flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
});
after(() => place?.close());

/**
 * The page's states in the order in which a visit meets them: a new one is a line here. Each is led to from the one before.
 * @type {[string, (page: import('playwright-core').Page) => Promise<unknown>][]}
 */
const STATES = [
  ['empty', (page) => reach(page, 'ready')],
  ['an error shown', (page) => bring(page, { name: 'bad.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no') }).then(() => reach(page, 'error'))],
  ['a portrait on stage', (page) => page.locator('#dismiss').click().then(() => setStage(page, { portrait: PORTRAIT }))],
  ['an own song', (page) => setStage(page, { portrait: PORTRAIT, score: data('la-la.musicxml') })],
  ['all details open', (page) => page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))],
  ['the points of the face', (page) => page.getByTestId('points').check().then(() => page.getByTestId('face-point').nth(20).waitFor())],
  ['words and a title on the picture', (page) => page.getByTestId('points').uncheck().then(() => page.getByTestId('burn').check()).then(() => page.getByTestId('title').fill('La la'))],
  ['a project remembered', (page) => page.getByTestId('project-keep').check().then(() => page.getByTestId('project-item').waitFor())],
  ['playing', (page) => page.getByTestId('play').click().then(() => reach(page, 'playing'))],
  ['exporting', (page) => page.getByTestId('export').click().then(() => reach(page, 'exporting'))],
  ['done', (page) => reach(page, 'done')],
  ['several faces', async (page) => bring(page, await two()).then(() => page.getByTestId('face-choice').nth(1).waitFor()).then(() => reach(page, 'ready'))],
  ['a chorus of three', chorus],
  ['the camera open', (page) => page.getByTestId('driver-webcam').click().then(() => page.getByTestId('camera-record').waitFor())],
  ['the camera closed', (page) => page.getByTestId('camera-close').click().then(() => reach(page, 'ready', 'done'))],
];

const bring = (page, file) => page.getByTestId('portrait-input').setInputFiles(file);

/** Two more join whoever is there. */
async function chorus(page) {
  await page.getByTestId('chorus').check();
  for (const at of [1, 2]) {
    await page.getByTestId('portrait-sample').nth(at).click();
    await page.getByTestId('portrait-cell').nth(at).waitFor();
    await reach(page, 'ready');
  }
  await page.getByTestId('portrait-choose').first().click();
}

/** Two people in one picture. */
async function two() {
  const files = ['amara', 'kenji'].flatMap((name) => ['-i', `${portraits}/${name}.jpg`]);
  const buffer = await ffmpeg(...files, '-filter_complex', '[0]scale=400:500[a];[1]scale=400:500[b];[a][b]hstack', '-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe', '-');
  return { name: 'two.png', mimeType: 'image/png', buffer };
}

/**
 * What axe finds, targets smaller than 24 px included. The points of a face lie where the face has them, however close: what
 * WCAG calls essential. Arrow keys move each of them.
 */
async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await window.axe.run({ rules: { 'target-size': { enabled: true } } })).violations);
  const essential = (id, { html }) => id === 'target-size' && html.includes('data-testid="face-point"');
  return found.flatMap(({ id, nodes }) => nodes.filter((node) => !essential(id, node)).map(({ target, any }) => `${id}: ${target.join(' ')} (${any[0]?.message ?? ''})`));
}

const SEEN = [['en', 'light', {}], ['zh-Hans', 'dark', PHONE], ['ar', 'light', {}], ['en', 'dark', PHONE], ['zh-Hans', 'light', {}], ['ar', 'dark', PHONE]];
for (const [lang, colorScheme, how] of SEEN) {
  test(`axe finds nothing in any state: ${lang}, ${colorScheme}${how === PHONE ? ', phone' : ''}`, async () => {
    const query = `?lang=${lang}&size=128&fps=15&seed=7`;
    const { page, context } = await place.open(query, { colorScheme, reducedMotion: 'reduce', ...how });
    await reach(page, 'ready');
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, lang === 'ar' ? 'rtl' : 'ltr']);
    const found = {};
    for (const [name, lead] of STATES) {
      await lead(page);
      const here = await violations(page);
      if (here.length) found[name] = here;
    }
    assert.deepEqual(found, {});
    await context.close();
  });
}

test('axe finds nothing while the page is loading', async () => {
  let go;
  const held = new Promise((done) => (go = done));
  const { page, context } = await place.open('?seed=7', { prepare: (context) => context.route('**/*.wasm', (route) => held.then(() => route.continue())) });
  await reach(page, 'loading');
  assert.deepEqual(await violations(page), []);
  go();
  await reach(page, 'ready');
  await context.close();
});

test('forced colours leave every control its outline', async () => {
  const { page, context } = await place.open('?size=128&fps=15&seed=7', { forcedColors: 'active' });
  await setStage(page, { portrait: PORTRAIT });
  const bare = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, textarea, .file-button label')]
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { borderTopStyle, borderTopWidth, outlineStyle, textDecorationLine } = getComputedStyle(element);
        return (borderTopStyle === 'none' || parseFloat(borderTopWidth) === 0) && outlineStyle === 'none' && textDecorationLine === 'none';
      })
      .map((element) => element.id || element.textContent.trim()),
  );
  assert.deepEqual(bare, []);
  await context.close();
});

test('nothing jumps while the page comes and a portrait takes the stage', async () => {
  for (const how of [{}, PHONE]) {
    const { page, context } = await place.open('?size=128&fps=15&seed=7', {
      ...how,
      prepare: (context) =>
        context.addInitScript(() => {
          window.shift = 0;
          new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift', buffered: true });
        }),
    });
    await reach(page, 'ready');
    const shift = await page.evaluate(() => window.shift);
    assert.ok(shift < 0.02, `a shift of ${shift.toFixed(4)}`);
    await context.close();
  }
});

test('what a finger meets is 44 px in both directions', async () => {
  const { page, context } = await place.open('?size=128&fps=15&seed=7', PHONE);
  await setStage(page, { portrait: PORTRAIT });
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, summary, input:not([type=checkbox]), .file-button label')]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.id || element.textContent.trim(), element.getBoundingClientRect()])
      .filter(([, { width, height }]) => Math.min(width, height) < 44)
      .map(([name, { width, height }]) => `${name} ${width.toFixed(0)} x ${height.toFixed(0)}`),
  );
  assert.deepEqual(small, []);
  await context.close();
});

test('the keyboard alone: from the cold page to a film on the disk', async () => {
  const { page, trouble, context } = await place.open('?size=128&fps=5&seed=7');
  await reach(page, 'ready');
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('[tabindex]')].filter((element) => element.tabIndex > 0).length), 0, 'the order is the page’s own');
  await tabTo(page, '[data-testid=portrait-sample]');
  await page.keyboard.press('Enter');
  await page.getByTestId('portrait-item').waitFor();
  await reach(page, 'ready');
  await focused(page);
  await tabTo(page, '[data-testid=clip-choice]');
  const former = await page.evaluate(() => document.activeElement.value);
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction((former) => document.activeElement.value !== former, former);
  await reach(page, 'ready');
  await tabTo(page, 'summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '[data-testid=dial]');
  await page.keyboard.press('ArrowRight');
  await reach(page, 'ready');
  await focused(page);
  await tabTo(page, '[data-testid=play]', 'Shift+Tab');
  await page.keyboard.press('Space');
  await reach(page, 'playing');
  await page.keyboard.press('Space');
  await reach(page, 'ready');
  await tabTo(page, '[data-testid=export-format]');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, '[data-testid=export]');
  await page.keyboard.press('Enter');
  await reach(page, 'exporting');
  await focused(page);
  await reach(page, 'done');
  await focused(page);
  if (!(await at(page, '[data-testid=download]'))) await tabTo(page, '[data-testid=download]');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.match(download.suggestedFilename(), /\.webm$/);
  // Whoever takes the portrait away stays where they are.
  await tabTo(page, '[data-testid=portrait-remove]', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await focused(page);
  assert.deepEqual(trouble, []);
  await context.close();
});

const at = (page, selector) => page.evaluate((selector) => document.activeElement.matches(selector), selector);

/** Presses a key until an element has focus; on the way, each that has it must be seen to have it. */
async function tabTo(page, selector, key = 'Tab') {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press(key);
    const seen = await page.evaluate(() => {
      const element = document.activeElement;
      const outlined = (candidate) => candidate && getComputedStyle(candidate).outlineStyle !== 'none';
      const fine = element === document.body || element.tagName === 'VIDEO' || outlined(element) || outlined(element.nextElementSibling) || outlined(element.closest('label'));
      return fine ? '' : element.outerHTML.slice(0, 120);
    });
    assert.equal(seen, '', 'focus is seen');
    if (await at(page, selector)) return;
  }
  assert.fail(`${key} does not reach ${selector}`);
}

/** Focus is somewhere: what had it was not taken away under it. */
async function focused(page) {
  const where = await page.evaluate(() => (document.activeElement === document.body ? 'nowhere' : document.activeElement.checkVisibility() ? '' : 'hidden'));
  assert.equal(where, '', 'focus is not lost');
}
