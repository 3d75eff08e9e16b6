// Go on another day: a project's file brings everything back, what is no project is refused in one sentence, and nothing is
// remembered that nobody asked for.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { difference, still } from './picture.mjs';
import { data, photo, reach, setStage, stand } from './stand.mjs';

const SMALL = '?size=256&fps=15&seed=7';
let place;
let folder;
let page;
let trouble;
let context;
before(async () => {
  place = await stand();
  folder = await mkdtemp(join(tmpdir(), 'portraoke-'));
  ({ page, trouble, context } = await opened());
});
after(async () => {
  await place?.close();
  await rm(folder, { recursive: true, force: true });
});

async function opened(options) {
  const there = await place.open(SMALL, options);
  await there.page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
  await reach(there.page, 'ready');
  return there;
}

const names = (where) => where.getByTestId('portrait-item').locator('strong').allInnerTexts();

async function at(where, time) {
  await where.getByTestId('seek').fill(String(time));
  return still(where);
}

/** Saves the project. @returns {Promise<string>} the file's path */
async function saved(where, name) {
  const [download] = await Promise.all([where.waitForEvent('download'), where.getByTestId('project-save').click()]);
  assert.match(download.suggestedFilename(), /^[\p{L}\p{N}-]+\.portraoke$/u);
  const path = join(folder, name);
  await download.saveAs(path);
  return path;
}

const open = (where, file) => where.getByTestId('project-input').setInputFiles(file);

/** A project's show, changed by `edit`, as a file to open. */
async function edited(path, edit) {
  const entries = unzipSync(await readFile(path));
  const project = JSON.parse(strFromU8(entries['project.json']));
  entries['project.json'] = strToU8(JSON.stringify(edit(project) ?? project));
  return { name: 'edited.portraoke', mimeType: 'application/zip', buffer: Buffer.from(zipSync(entries)) };
}

const databases = (where) => where.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));

let project; // saved by the first test, used by the others
let shown; // what it shows at 1.2 s

test('a project saved here opens elsewhere as it was', async () => {
  await page.getByTestId('chorus').check();
  await setStage(page, { portrait: await photo(), score: data('la-la.musicxml') });
  await page.getByTestId('portrait-sample').nth(1).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=portrait-item]').length === 2);
  await reach(page, 'ready');
  await page.getByTestId('mouth-strength').fill('1.5');
  await page.getByTestId('mirror').check();
  await page.locator('input[name=shape][value="16:9"]').check();
  await page.getByTestId('title').fill('For Ada');
  await page.getByTestId('trim-from').fill('0.5');
  await reach(page, 'ready');
  shown = await at(page, 1.2);
  project = await saved(page, 'whole.portraoke');
  const entries = unzipSync(await readFile(project));
  assert.deepEqual(Object.keys(entries).sort(), ['clip', 'photos/0', 'project.json'], 'only what is the visitor’s own');

  const other = await opened();
  await open(other.page, project);
  await other.page.waitForFunction(() => document.querySelectorAll('[data-testid=portrait-item]').length === 2);
  await reach(other.page, 'ready');
  assert.deepEqual(await names(other.page), await names(page));
  for (const id of ['mouth-strength', 'title', 'trim-from', 'lyrics', 'layout', 'arrangement']) {
    assert.equal(await other.page.getByTestId(id).inputValue(), await page.getByTestId(id).inputValue(), id);
  }
  assert.ok(await other.page.getByTestId('mirror').isChecked());
  assert.equal(difference(shown, await at(other.page, 1.2)), 0, 'the picture is another');
  assert.deepEqual(other.trouble, []);
  await other.context.close();
});

test('without the photos it says who is missing', async () => {
  await page.getByTestId('project-photos').uncheck();
  const path = await saved(page, 'without.portraoke');
  await page.getByTestId('project-photos').check();
  assert.ok(!Object.keys(unzipSync(await readFile(path))).some((name) => name.startsWith('photos')));
  const other = await opened();
  await open(other.page, path);
  await reach(other.page, 'error');
  assert.match(await other.page.locator('#error-text').innerText(), /but for 1 portrait, .* choose it again\.$/);
  assert.equal(await other.page.getByTestId('portrait-item').count(), 1);
  await other.context.close();
});

test('edited by hand: bad numbers come into their range, what is unknown is left out', async () => {
  const file = await edited(project, ({ show }) => {
    Object.assign(show.cast[0].controls, { mouth: 1e9, head: 'much', jawLimit: -4, gaze: { fixed: { yaw: 'left' } }, teeth: null });
    Object.assign(show.cast[0], { corrections: [[57, [1e300, -1e300]], [99, [1, 1]], 'x', [3, [5]]], voice: 'tenor2', id: '"><b>', wings: 2 });
    Object.assign(show.picture, { shape: '3:1', backdrop: { colour: [1, 2] }, title: 12, layout: 'group' });
    Object.assign(show.manner, { tempo: 99, transpose: 3.7, singer: -1, verse: 'all' });
    Object.assign(show, { trim: [9, 2], together: 'x', chosen: 7, wings: true });
  });
  await open(page, file);
  await page.waitForFunction(() => document.getElementById('title').value === '');
  await reach(page, 'ready');
  assert.equal((await names(page)).length, 2);
  await page.getByTestId('portrait-choose').first().click();
  assert.equal(await page.getByTestId('mouth-strength').inputValue(), '2');
  assert.equal(await page.getByTestId('head-strength').inputValue(), '1');
  assert.equal(await page.getByTestId('tempo').inputValue(), '2');
  await at(page, 0.5);
  await page.getByTestId('undo').click();
  await page.getByTestId('undo').click();
  await page.waitForFunction(() => document.getElementById('title').value === 'For Ada');
  await reach(page, 'ready');
  assert.equal(difference(shown, await at(page, 1.2)), 0, 'undo brings back what was there');
});

const bytes = (name, buffer) => ({ name, mimeType: 'application/zip', buffer });
const REFUSED = [
  ['of a newer version', () => edited(project, (whole) => ({ ...whole, portraoke: 2 })), /newer Portraoke.*reload/i],
  ['cut off', async () => bytes('half.portraoke', (await readFile(project)).subarray(0, 4000)), /no project, or is damaged.*open/i],
  ['with a damaged middle', async () => {
    const whole = await readFile(project);
    return bytes('scratched.portraoke', Buffer.concat([whole.subarray(0, 20), Buffer.alloc(whole.length - 40, 7), whole.subarray(-20)]));
  }, /no project, or is damaged.*open/i],
  ['of another kind', async () => bytes('photo.portraoke', (await photo()).buffer), /no project, or is damaged.*open/i],
  ['an empty file', () => bytes('empty.portraoke', Buffer.alloc(0)), /no project, or is damaged.*open/i],
  ['with no show', () => edited(project, () => ({ portraoke: 1, show: {} })), /nothing in this project/i],
  ['with a list for a show', () => edited(project, () => ({ portraoke: 1, show: [] })), /nothing in this project|no project/i],
  ['that swells to a gigabyte', () => bytes('bomb.portraoke', Buffer.from(zipSync({ 'project.json': new Uint8Array(3e6), clip: new Uint8Array(5e8) }))), /no project, or is damaged.*open/i],
  ['with a face that is not there', () => edited(project, ({ show }) => void (show.cast[0].face = 40)), /no such face.*choose/i],
];
for (const [what, make, sentence] of REFUSED) {
  test(`a project ${what}: one sentence, and everything stays`, async () => {
    const before = await names(page);
    await open(page, await make());
    await reach(page, 'error');
    const text = await page.locator('#error-text').innerText();
    assert.match(text, sentence);
    assert.ok(text.split(/[.!?](?=\s|$)/).filter((part) => part.trim()).length === 1, `one sentence: ${text}`);
    assert.deepEqual(await names(page), before);
    assert.equal(difference(shown, await still(page)), 0);
    await page.locator('#dismiss').click();
  });
}

test('one larger than 200 MB is refused before it is read', async () => {
  await page.evaluate(() => {
    const huge = new File([], 'huge.portraoke');
    Object.defineProperty(huge, 'size', { value: 3e8 });
    const input = document.getElementById('project-input');
    Object.defineProperty(input, 'files', { value: [huge], configurable: true });
    input.dispatchEvent(new Event('change'));
    delete input.files;
  });
  await reach(page, 'error');
  assert.match(await page.locator('#error-text').innerText(), /huge\.portraoke is larger than 200 MB.*open one/);
  await page.locator('#dismiss').click();
});

test('packed again by another program it opens', async () => {
  const entries = unzipSync(await readFile(project));
  const score = strFromU8(entries.clip);
  entries.clip = strToU8(`${score}${'<!-- room -->\n'.repeat(100_000)}`); // packed small, unlike what the page writes
  await page.getByTestId('title').fill('Another');
  await open(page, { name: 'again.portraoke', mimeType: 'application/zip', buffer: Buffer.from(zipSync(entries, { level: 9 })) });
  await page.waitForFunction(() => document.getElementById('title').value === 'For Ada');
  await reach(page, 'ready');
});

test('dropped on the page it opens', async () => {
  const base64 = (await readFile(project)).toString('base64');
  await page.getByTestId('title').fill('');
  await page.evaluate((text) => {
    const carried = new DataTransfer();
    carried.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], 'whole.portraoke'));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
  }, base64);
  await page.waitForFunction(() => document.getElementById('title').value === 'For Ada');
  await reach(page, 'ready');
});

test('nothing is remembered until it is asked for; then the page of the next day has it, until it is forgotten', async () => {
  assert.deepEqual(await databases(page), []);
  assert.equal(await page.evaluate(() => localStorage.getItem('portraoke.keep')), null);
  await page.getByTestId('project-keep').check();
  await page.getByTestId('project-item').waitFor();
  assert.deepEqual(await databases(page), ['portraoke-projects']);

  const next = await context.newPage();
  await next.goto(place.url + SMALL);
  await reach(next, 'ready');
  const item = next.getByTestId('project-item');
  await item.getByRole('button').first().click();
  await next.waitForFunction(() => document.querySelectorAll('[data-testid=portrait-item]').length === 2);
  await reach(next, 'ready');
  assert.equal(difference(shown, await at(next, 1.2)), 0);
  // Going on with it does not make a second one.
  await next.locator('input[name=shape][value="1:1"]').check();
  await next.waitForTimeout(3500);
  assert.equal(await item.count(), 1);
  await item.getByRole('button').nth(1).click();
  await item.waitFor({ state: 'detached' });
  assert.equal(await next.evaluate(() => new Promise((done) => {
    const asked = indexedDB.open('portraoke-projects');
    asked.onsuccess = () => {
      const count = asked.result.transaction('projects').objectStore('projects').count();
      count.onsuccess = () => (asked.result.close(), done(count.result));
    };
  })), 0);
  await next.close();
  // Switched off right after a change: nothing comes back later.
  await page.locator('input[name=shape][value="4:5"]').check();
  await page.getByTestId('project-keep').uncheck();
  await page.waitForTimeout(3000);
  assert.deepEqual(await databases(page), []);
});

test('where there is no room the page says so, once, and goes on', async () => {
  const full = await opened({
    prepare: (one) => one.addInitScript(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    }),
  });
  await full.page.getByTestId('portrait-sample').first().click();
  await full.page.getByTestId('portrait-item').waitFor();
  await reach(full.page, 'ready');
  await full.page.getByTestId('project-keep').check();
  await reach(full.page, 'error');
  assert.match(await full.page.locator('#error-text').innerText(), /no room.*save it as a file instead\.$/);
  assert.ok(await full.page.getByTestId('play').isEnabled());
  await full.page.locator('#dismiss').click();
  await saved(full.page, 'instead.portraoke');
  await full.context.close();
});

test('none of it reached the console as an error', () => assert.deepEqual(trouble, []));
