// The graphics card is taken away: the page goes on by itself, unless that keeps happening. And what `?debug` shows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { data, photo, QUICK, reach, setStage, stand } from './stand.mjs';

let place;
let portrait;
before(async () => {
  place = await stand();
  portrait = await photo();
});
after(() => place?.close());

/** Takes the graphics card away from the page's worker, which must have been opened with `?debug`. */
const lose = (page) => page.workers().at(-1).evaluate(() => self.onmessage({ data: { name: 'lose' } }));

/** Keeps every sentence of the status line from now on in `window.said`. */
const listen = (page) =>
  page.evaluate(() => {
    const line = document.getElementById('status-text');
    window.said = [];
    new MutationObserver(() => window.said.push(line.textContent)).observe(line, { childList: true, characterData: true, subtree: true });
  });

test('a lost graphics card costs a moment; lost again, the page asks', async () => {
  const { page, context } = await place.open(`${QUICK}&debug`);
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  await listen(page);
  await page.getByTestId('seek').fill('1.5');
  await lose(page);
  await page.waitForFunction(() => window.said.some((text) => /graphics card was lost/.test(text)));
  await reach(page, 'ready');
  assert.equal(await page.getByTestId('seek').inputValue(), '1.5');
  assert.match(await page.getByTestId('portrait-item').innerText(), new RegExp(portrait.name.replace('.', '\\.')));
  assert.equal(await page.locator('[data-clip=own-score] input, input[data-clip=own-score]').first().isChecked(), true);

  await lose(page);
  await reach(page, 'error');
  assert.match(await page.locator('#error-text').innerText(), /graphics card.*Start again/);
  await page.getByRole('button', { name: 'Start again' }).click();
  await reach(page, 'ready');
  assert.ok(await page.getByTestId('play').isEnabled());
  await context.close();
});

test('a video in the making starts again', async () => {
  const { page, context } = await place.open('?size=128&fps=10&debug');
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  await listen(page);
  await page.getByTestId('export').click();
  await page.waitForFunction(() => document.getElementById('export-progress').value > 0.2);
  await lose(page);
  await page.waitForFunction(() => window.said.some((text) => /making the video again/.test(text)));
  await reach(page, 'done');
  assert.match(await page.locator('#result-text').innerText(), /frames/);
  await context.close();
});

test('a portrait being read is read again', async () => {
  const { page, context } = await place.open(`${QUICK}&debug`);
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  await listen(page);
  await page.getByTestId('portrait-input').setInputFiles(await photo(1));
  await reach(page, 'analysing');
  await lose(page);
  await page.waitForFunction(() => window.said.some((text) => /graphics card was lost/.test(text)));
  await reach(page, 'ready');
  assert.match(await page.getByTestId('portrait-item').innerText(), new RegExp((await photo(1)).name.replace('.', '\\.')));
  await context.close();
});

test('a chorus comes back as it was: who, where, how, and what could be undone', async () => {
  const { page, context } = await place.open(`${QUICK}&debug`);
  const names = [portrait.name, (await photo(1)).name];
  await setStage(page, { portrait, score: data('la-la.musicxml') });
  await page.getByTestId('chorus').check();
  await setStage(page, { portrait: await photo(1) });
  const items = page.getByTestId('portrait-item');
  const cells = page.getByTestId('portrait-cell');
  await cells.nth(1).waitFor();
  await page.getByTestId('layout').selectOption('row');
  await page.getByTestId('arrangement').selectOption('turns');
  await page.getByTestId('mouth-strength').evaluate((range) => {
    range.value = 0.5;
    range.dispatchEvent(new Event('input'));
  });
  await page.waitForFunction(() => document.getElementById('layout').value === 'row' && document.getElementById('arrangement').value === 'turns');
  await reach(page, 'ready');
  const standing = () => cells.evaluateAll((buttons) => buttons.map(({ style }) => [style.left, style.top, style.width, style.height].join(' ')));
  const before_ = await standing();
  await cells.evaluateAll((buttons) => buttons.forEach((button) => (button.dataset.testid = 'former'))); // what is found again is new
  await listen(page);
  await lose(page);
  await page.waitForFunction(() => window.said.some((text) => /graphics card was lost/.test(text)));
  await reach(page, 'ready');
  await cells.nth(1).waitFor();
  assert.deepEqual(await standing(), before_);
  assert.deepEqual(await items.locator('strong').allInnerTexts(), names);
  assert.equal(await page.getByTestId('layout').inputValue(), 'row');
  assert.equal(await page.getByTestId('arrangement').inputValue(), 'turns');
  assert.equal(await page.getByTestId('mouth-strength').inputValue(), '0.5');
  await page.getByTestId('play').click();
  await reach(page, 'playing');
  await page.getByTestId('play').click();
  await reach(page, 'ready');
  const undo = page.getByTestId('undo');
  while ((await items.count()) > 1) {
    await undo.click();
    await reach(page, 'ready');
  }
  assert.deepEqual(await items.locator('strong').allInnerTexts(), names.slice(0, 1));
  await context.close();
});

test('only ?debug lets a graphics card be taken away', async () => {
  const { page, context } = await place.open();
  await reach(page, 'ready');
  await lose(page);
  await page.waitForTimeout(300);
  await reach(page, 'ready');
  assert.equal(await page.getByTestId('debug').count(), 0);
  await context.close();
});

test('?debug shows what the page runs on, and copies it', async () => {
  const { page, trouble, context } = await place.open(`${QUICK}&debug`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await reach(page, 'ready');
  const panel = page.getByTestId('debug');
  await panel.locator('summary').click();
  assert.match(await panel.innerText(), /shader-f16.*timestamp-query/s);
  await panel.getByRole('button', { name: 'Measure the networks' }).click();
  await panel.getByText(/nothing to measure/).waitFor();
  await panel.getByRole('button', { name: 'Copy' }).click();
  await panel.getByRole('button', { name: 'Copied' }).waitFor();
  const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(report.backend.backend, 'fallback');
  assert.ok(report.adapter.limits.maxBufferSize > 0);
  assert.deepEqual(report.networks, []);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('?debug measures each network on the graphics card', async () => {
  const { page, context } = await place.open(`${QUICK}&debug&backend=webgpu`);
  await reach(page, 'ready');
  await page.getByTestId('portrait-sample').first().click(); // with whom the third network comes
  await page.getByTestId('portrait-item').waitFor();
  await reach(page, 'ready');
  const panel = page.getByTestId('debug');
  await panel.locator('summary').click();
  await panel.getByRole('button', { name: 'Measure the networks' }).click();
  await panel.locator('table').nth(2).waitFor();
  await context.close();
});
