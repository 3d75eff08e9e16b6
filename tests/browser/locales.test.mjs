// The translations against the page, the scripts and Rust: nothing is missing, nothing is left over. Needs no browser.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { LOCALES, sentences } from '../../scripts/sentences.mjs';
import { Messages } from '../../www/js/messages.js';

const www = resolve(import.meta.dirname, '../../www');
const read = (...path) => readFileSync(join(www, ...path), 'utf8');
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'];

const tables = Object.fromEntries(readdirSync(LOCALES).map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(LOCALES, name), 'utf8'))]));
const { en, ...translations } = tables;
const html = read('index.html');
const scripts = readdirSync(join(www, 'js')).filter((name) => name.endsWith('.js')).map((name) => read('js', name)).join('\n');

/** A text, or one text for each plural. */
const isText = (value) => typeof value === 'string' || Object.keys(value).every((key) => CATEGORIES.includes(key));
const texts = (value) => (typeof value === 'string' ? [value] : Object.values(value));
const blanks = (text) => new Set(text.match(/\{\w+\}/g));

/** The texts of a table by key, its sentences apart. */
function flat(table, before = '') {
  return Object.entries(table).flatMap(([name, value]) => {
    if (!before && name === 'sentences') return [];
    return isText(value) ? [[before + name, value]] : flat(value, `${before}${name}.`);
  });
}
const english = new Map(flat(en));

/** All of a language's texts with their English: by key and by sentence. */
function* pairs(table) {
  for (const [key, text] of flat(table)) yield [key, english.get(key) ?? '', text];
  for (const [sentence, text] of Object.entries(table.sentences)) yield [sentence, sentence, text];
}

test('the files are the languages that the page offers', () => {
  const offered = [...read('js', 'i18n.js').match(/LANGUAGES = \{([^}]*)\}/)[1].matchAll(/^\s*'?([\w-]+)'?: '/gm)].map(([, code]) => code);
  assert.deepEqual(Object.keys(tables).sort(), offered.sort());
});

for (const [language, table] of Object.entries(translations)) {
  test(`${language}: every key, every sentence, and no other`, () => {
    const keys = new Set(flat(table).map(([key]) => key));
    assert.deepEqual([...english.keys()].filter((key) => !keys.has(key)), [], 'missing');
    assert.deepEqual([...keys].filter((key) => !english.has(key)), [], 'left over');
    const said = sentences();
    assert.deepEqual([...said].filter(([text]) => !(text in table.sentences)), [], 'sentences missing: see scripts/sentences.mjs');
    assert.deepEqual(Object.keys(table.sentences).filter((text) => !said.has(text)), [], 'sentences left over');
  });

  test(`${language}: the same blanks, and all plurals that it has`, () => {
    const rules = new Intl.PluralRules(language);
    const needed = new Set(['other', ...Array.from({ length: 1000 }, (_, n) => rules.select(n))]);
    for (const [key, original, text] of pairs(table)) {
      const wanted = blanks(texts(original).at(-1));
      for (const one of texts(text)) {
        const has = blanks(one);
        // "one face" needs no number.
        const counted = typeof text === 'object' && new Set(['{count}', '{0}']);
        assert.deepEqual([...has].filter((blank) => !wanted.has(blank)), [], `${key}: ${one}`);
        assert.deepEqual([...wanted].filter((blank) => !has.has(blank) && !(counted && counted.has(blank))), [], `${key}: ${one}`);
      }
      if (typeof text === 'object') assert.deepEqual([...needed].filter((category) => !text[category]?.trim()), [], key);
      else assert.ok(typeof original === 'string' || needed.size === 1, `${key} has no plurals`);
      assert.ok(texts(text).every((one) => one === one.trim() || key === 'join.list' || key === 'join.sentences' || key === 'backend.name'), key);
    }
  });

  test(`${language}: nothing of several words was left in English`, () => {
    for (const [key, original, text] of pairs(table)) {
      for (const one of texts(original)) {
        if (/\p{Ll}{2,}\s+\p{Ll}{2,}/u.test(one)) assert.ok(!texts(text).includes(one), `${key}: ${one}`);
      }
    }
  });
}

/** What a language's print looks wrong by. */
const MISPRINTS = {
  fr: / (?=[:;!?»])|(?<![\u00a0\u202f\d])[;!?»](?![\w.])|(?<=[\p{L})}])(?<!\u00a0):(?= |$)|«(?!\u00a0)|['"]/u,
  de: /["“](?=\p{L})|„[^“]*”|'/u,
  es: /^[^¿]*\?|^[^¡]*!|["“”]/u,
  ru: /["“”]| - |(?<=\p{Script=Cyrillic})'/u,
  'zh-Hans': /(?<=\p{Script=Han})[,;:!?.()]|[,;:!?](?=\p{Script=Han})|\u3000|"/u,
  ja: /(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[,;:!?.()]|[,;:!?](?=[\p{Script=Han}\p{Script=Hiragana}])|"/u,
  ar: /(?<=\p{Script=Arabic})[,;?]|"/u,
};

for (const [language, misprint] of Object.entries(MISPRINTS)) {
  test(`${language}: its own punctuation`, () => {
    for (const [key, , text] of pairs(translations[language])) {
      for (const one of texts(text)) assert.doesNotMatch(one, misprint, key);
    }
  });
}

test('the English of the page is the English of the locale', () => {
  const entities = { '&amp;': '&', '&lt;': '<', '&quot;': '"' };
  const plain = (text) => text.replace(/&(amp|lt|quot);/g, (entity) => entities[entity]);
  let checked = 0;
  for (const [, key, text] of html.matchAll(/<[^<>]*\sdata-i18n="([^"]+)"[^<>]*>([^<]*)</g)) {
    assert.equal(plain(text), english.get(key), key);
    checked++;
  }
  for (const [tag, list] of html.matchAll(/<[^<>]*\sdata-i18n-attr="([^"]+)"[^<>]*>/g)) {
    for (const [attribute, key] of list.split(' ').map((pair) => pair.split(':'))) {
      assert.equal(plain(tag.match(new RegExp(`\\s${attribute}="([^"]*)"`))[1]), english.get(key), key);
      checked++;
    }
  }
  assert.equal(checked, html.match(/\sdata-i18n(-attr)?="/g).length + (html.match(/data-i18n-attr="[^"]* /g)?.length ?? 0));
});

test('no text of the page lacks a key', () => {
  const body = html.slice(html.indexOf('<body>')).replace(/<(noscript|svg)[^]*?<\/\1>/g, '');
  const same = /^(Portraoke|&lrm;\d+ px|\d+:\d+( \/ \d+:\d+)?)$/; // in every language
  for (const [, tag, text] of body.matchAll(/<([^<>]*)>([^<]+)/g)) {
    if (text.trim() && !same.test(text.trim())) assert.match(tag, /\sdata-i18n="/, `“${text.trim()}” has no key`);
  }
  for (const [tag, attribute, text] of body.matchAll(/<[^<>]*\s(aria-label|alt|title|placeholder|label)="([^"]+)"[^<>]*>/g)) {
    assert.match(tag, new RegExp(`data-i18n-attr="[^"]*\\b${attribute}:`), `“${text}” has no key`);
  }
});

test('a button’s name holds what it shows: whoever speaks to the page says what they see', () => {
  for (const [language, table] of Object.entries(tables)) {
    const texts = new Map(flat(table));
    for (const [key, named] of texts) {
      const shown = texts.get(key.replace(/Named$/, ''));
      if (!key.endsWith('Named') || shown === undefined || key === 'project.openNamed') continue; // which shows the project's name
      assert.ok(named.toLowerCase().includes(shown.toLowerCase()), `${language}: “${named}” does not hold “${shown}”`);
    }
  }
});

test('every key that is used exists, and every key is used', () => {
  const groups = new Set([...english.keys()].map((key) => key.split('.')[0]));
  const used = new Set();
  const mark = (key) => {
    assert.ok(english.has(key), `${key} is in no locale`);
    used.add(key);
  };
  for (const [, key] of html.matchAll(/\sdata-i18n="([^"]+)"/g)) mark(key);
  for (const [, list] of html.matchAll(/\sdata-i18n-attr="([^"]+)"/g)) list.split(' ').forEach((pair) => mark(pair.split(':')[1]));
  for (const [, key] of scripts.matchAll(/'([a-z]\w*(?:\.[\w-]+)+)'/g)) if (groups.has(key.split('.')[0]) && !/\.json$/.test(key)) mark(key);
  // Keys put together: `film.make.${kind}`, `${key}Named`.
  for (const [, template] of scripts.matchAll(/(?:\bt\(|[(?:=] ?)`((?:[\w.-]|\$\{[^{}`]*\})+)`/g)) {
    if (!template.includes('${')) continue;
    const pieces = template.split(/\$\{[^{}]*\}/);
    if (pieces[0] ? !groups.has(pieces[0].split('.')[0]) || !pieces[0].includes('.') : !/^[A-Z]\w+$/.test(pieces.at(-1))) continue;
    const matcher = new RegExp(`^${pieces.map((piece) => piece.replaceAll('.', '\\.')).join(pieces[0] ? '[\\w-]+' : '[\\w.-]+')}$`);
    const found = [...english.keys()].filter((key) => matcher.test(key));
    assert.ok(found.length, `no key is like \`${template}\``);
    found.forEach((key) => used.add(key));
  }
  assert.deepEqual([...english.keys()].filter((key) => !used.has(key)), []);
});

test('plurals, numbers and names are put in as the language has them', () => {
  const ru = new Messages('ru', tables.ru);
  assert.deepEqual([1, 3, 5, 21].map((count) => ru.text('film.frames', { count })), ['1 кадр', '3 кадра', '5 кадров', '21 кадр']);
  const ar = new Messages('ar', tables.ar);
  assert.equal(ar.text('film.frames', { count: 2 }), 'لقطتان');
  assert.equal(ar.text('status.playing', { title: 'Daisy Bell' }), 'يُغنّى الآن: \u2068Daisy Bell\u2069');
  assert.equal(new Messages('de', tables.de).number(1234.5), '1.234,5');
  assert.equal(ar.number(1234.5), '1,234.5');
  assert.equal(ru.text('no.such'), undefined);
});

test('sentences of Rust and the worker are translated with what stands in them', () => {
  const de = new Messages('de', tables.de);
  assert.equal(
    de.sentence('This is a HEIC photo, which this page cannot read: share it as JPEG (on iPhone: Settings, Camera, Formats, Most Compatible).'),
    'Das ist ein HEIC-Foto, und das kann diese Seite nicht lesen: teile es als JPEG (auf dem iPhone: Einstellungen, Kamera, Formate, Maximale Kompatibilität).',
  );
  assert.equal(de.sentence('my song.mp3 is damaged: nothing in it can be played.'), 'my song.mp3 ist beschädigt: Nichts darin lässt sich abspielen.');
  assert.equal(de.sentence('This picture of 20000 x 30000 pixels is too large: choose one of at most 100 megapixels, or save it smaller.').match(/20\.000 × 30\.000/)?.length, 1);
  assert.equal(new Messages('ru', tables.ru).sentence('This picture has 2 face(s), so there is no face number 5: choose one of those shown.'), 'На этой картинке 2 лица, лица номер 5 нет: выберите одно из показанных.');
  assert.equal(de.sentence('Amara'), 'Amara', 'what is not known stays');
  assert.equal(new Messages('en', en).sentence('The mouth is open: its teeth will be used.'), 'The mouth is open: its teeth will be used.');
});
