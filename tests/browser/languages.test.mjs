// The page in its languages: which one is chosen, that nothing stays English, that it can change at any time, and that
// Arabic runs from right to left.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { spoken, visibleTexts } from './spoken.mjs';
import { QUICK, reach, stand } from './stand.mjs';

let at;
before(async () => (at = await stand()));
after(() => at.close());

const locale = async (code) => JSON.parse(await readFile(resolve(import.meta.dirname, `../../www/locales/${code}.json`), 'utf8'));
/** Waits until the page is in this language. @param {string} wanted code and direction */
const languageIs = (page, wanted) =>
  page.waitForFunction((wanted) => [document.documentElement.lang, document.documentElement.dir].join(' ') === wanted, wanted, { timeout: 20_000 });
const title = (page) => page.locator('#who-title').innerText();
const choose = async (page, code) => {
  await page.getByTestId('language').selectOption(code);
  await languageIs(page, `${code} ${code === 'ar' ? 'rtl' : 'ltr'}`);
};

/** The page with somebody on stage and everything unfolded. */
async function open(query, options) {
  const opened = await at.open(QUICK + query, options);
  await reach(opened.page, 'ready');
  await opened.page.getByTestId('portrait-sample').first().click();
  await opened.page.getByTestId('portrait-item').waitFor();
  await reach(opened.page, 'ready');
  await unfold(opened.page);
  return opened;
}
const unfold = (page) => page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));

test('the browser’s language is taken, a chosen one is remembered, the address comes first', async () => {
  const { page, trouble, requests, context } = await at.open(QUICK, { locale: 'fr-CA' });
  await languageIs(page, 'fr ltr');
  assert.equal(await title(page), (await locale('fr')).who.title);
  assert.deepEqual(requests.filter((path) => path.includes('/locales/')), ['/locales/fr.json'], 'no other language is fetched');
  await choose(page, 'es');
  await page.reload();
  await languageIs(page, 'es ltr');
  await page.goto(`${at.url}${QUICK}&lang=ja`);
  await languageIs(page, 'ja ltr');
  // A choice on such a page holds when it is loaded again.
  await choose(page, 'ru');
  await page.reload();
  await languageIs(page, 'ru ltr');
  assert.deepEqual(trouble, []);
  await context.close();
});

test('a browser of a language that there is not gets its next one, or English', async () => {
  for (const [asked, given] of [['zh-TW', 'zh-Hans ltr'], ['ar-EG', 'ar rtl'], ['fi-FI', 'en ltr']]) {
    const { page, context } = await at.open(QUICK, { locale: asked });
    await languageIs(page, given);
    await context.close();
  }
});

test('nothing stays English in Chinese: empty, with somebody on stage, refused', async () => {
  const { page, trouble, requests, context } = await at.open(`${QUICK}&lang=zh-Hans`);
  await reach(page, 'ready');
  await unfold(page);
  const allowed = await spoken();
  const english = async () => (await page.evaluate(visibleTexts)).filter((text) => allowed.leaves(text));
  assert.deepEqual(await english(), []);
  await page.getByTestId('portrait-sample').first().click();
  await page.getByTestId('portrait-item').waitFor();
  await reach(page, 'ready');
  assert.deepEqual(await english(), []);
  await page.getByTestId('portrait-input').setInputFiles({ name: '1.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByTestId('error').waitFor();
  assert.deepEqual(await english(), []);
  assert.equal(requests.filter((path) => path.endsWith('.woff2')).length, 1, 'other scripts come from the system’s fonts');
  assert.deepEqual(trouble, []);
  await context.close();
});

test('Arabic runs from right to left, the player and the song do not', async () => {
  const { page, trouble, context } = await open('&lang=ar');
  await languageIs(page, 'ar rtl');
  const box = (selector) => page.locator(selector).boundingBox();
  const [stage, panel, play, seek, wordmark, select] = await Promise.all(['.house', '#who', '#play', '#seek', '#wordmark', '#language'].map(box));
  assert.ok(panel.x + panel.width <= stage.x, 'the choices are left of the stage');
  assert.ok(select.x + select.width < wordmark.x, 'the name stands at the right');
  assert.ok(play.x < seek.x);
  const direction = (selector) => page.locator(selector).evaluate((element) => getComputedStyle(element).direction);
  assert.equal(await direction('#captions'), 'ltr', 'an English song');
  assert.equal(await page.locator('#captions').getAttribute('lang'), 'en');
  assert.equal(await direction('#lyrics'), 'ltr');
  const spacing = await page.locator('#who-title').evaluate((element) => getComputedStyle(element).letterSpacing);
  assert.ok(['normal', '0px'].includes(spacing), 'letters that join are not pulled apart');
  // Words typed in Arabic turn round by themselves.
  await page.evaluate(() => (document.getElementById('captions').textContent = 'يا ليل يا عين'));
  assert.equal(await direction('#captions'), 'rtl');
  assert.deepEqual(trouble, []);
  await context.close();
});

for (const language of ['en', 'zh-Hans', 'ru', 'es', 'de', 'fr', 'ja', 'ar']) {
  test(`${language}: nothing scrolls sideways at 360 px and at 1280`, async () => {
    const { page, trouble, context } = await open(`&lang=${language}`, { viewport: { width: 360, height: 740 } });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 740 });
      const wide = await page.evaluate(() => {
        const sideways = document.documentElement.scrollWidth - innerWidth;
        const cut = [...document.querySelectorAll('button, label, summary, h2, .file-button label')]
          .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
          .map((element) => element.textContent.trim());
        return { sideways, cut };
      });
      assert.deepEqual(wide, { sideways: 0, cut: [] }, `at ${width} px`);
    }
    assert.deepEqual(trouble, []);
    await context.close();
  });
}

test('the language changes while somebody is on stage, and all else stays', async () => {
  const { page, trouble, requests, context } = await open('');
  const words = 'Row, row, row your boat gently down the stream';
  await page.getByTestId('lyrics').fill(words);
  // A line of its beginning: all of it would be too wide for one.
  await page.waitForFunction(() => /Row/.test(document.getElementById('captions').innerText));
  await reach(page, 'ready');
  await page.getByTestId('seek').evaluate((seek) => {
    seek.value = 3;
    seek.dispatchEvent(new Event('input'));
  });
  const kept = () =>
    page.evaluate(() => ({
      clip: document.querySelector('[data-testid=clip-choice]:checked').value,
      words: document.getElementById('lyrics').value,
      clock: document.getElementById('clock').textContent,
      people: document.querySelectorAll('[data-testid=portrait-item]').length,
      sameCanvas: document.getElementById('preview').dataset.same,
      playable: !document.getElementById('play').disabled,
      state: document.getElementById('status').dataset.state,
      tempo: document.getElementById('tempo').value,
    }));
  await page.locator('#preview').evaluate((canvas) => (canvas.dataset.same = 'yes'));
  const was = await kept();
  assert.equal(was.words, words);
  const before = requests.length;
  for (const code of ['de', 'ar', 'zh-Hans', 'en']) {
    await choose(page, code);
    const { who, status, stage, manner } = await locale(code);
    assert.deepEqual(await kept(), was, code);
    assert.equal(await title(page), who.title);
    assert.equal(await page.getByTestId('play').getAttribute('aria-label'), stage.play);
    assert.match(await page.locator('#status-text').innerText(), new RegExp(status.ready.split('{')[0]));
    assert.equal(await page.locator('#dial-text').innerText(), manner.dials.usual);
    assert.equal(await page.getByTestId('voice').locator('option').nth(1).innerText(), manner.voices.soprano);
  }
  assert.deepEqual(requests.slice(before).filter((path) => !path.includes('/locales/')), [], 'nothing else is fetched');
  // Also while it plays.
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  await choose(page, 'fr');
  assert.equal(await page.getByTestId('play').getAttribute('aria-label'), (await locale('fr')).stage.pause);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('a language that cannot be fetched is refused in one sentence, and the former one stays', async () => {
  const { page, context } = await at.open(`${QUICK}&lang=es`);
  await reach(page, 'ready');
  await page.route('**/locales/de.json', (route) => route.abort());
  await page.getByTestId('language').selectOption('de');
  await page.getByTestId('error').waitFor();
  assert.equal(await page.locator('#error-text').innerText(), (await locale('es')).language.missing);
  assert.equal(await page.getByTestId('language').inputValue(), 'es');
  await languageIs(page, 'es ltr');
  await context.close();
});

test('where a text is missing the English one is shown, and the console says so', async () => {
  const incomplete = await locale('de');
  delete incomplete.who.title;
  const { page, trouble, context } = await at.open(`${QUICK}&lang=de`, {
    prepare: (context) => context.route('**/locales/de.json', (route) => route.fulfill({ json: incomplete })),
  });
  await page.waitForFunction((text) => document.getElementById('who-title').textContent === text, (await locale('en')).who.title);
  assert.equal(await page.locator('#song-title').innerText(), incomplete.song.title);
  assert.ok(trouble.length && trouble.every((line) => /de has no text for who\.title/.test(line)), trouble.join('\n'));
  await context.close();
});
