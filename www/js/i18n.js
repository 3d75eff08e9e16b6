// The page's language: which one, its messages, and the document in it. Importing this waits for the language's file,
// so every part may speak from its first line on.
import { Messages } from './messages.js';

/** Codes of the files in `locales/`, each language under its own name. */
export const LANGUAGES = {
  en: 'English',
  'zh-Hans': '简体中文',
  ru: 'Русский',
  es: 'Español',
  de: 'Deutsch',
  fr: 'Français',
  ja: '日本語',
  ar: 'العربية',
};
const REMEMBERED = 'portraoke.language';

let messages;
let english; // fetched only where a message is missing
let wanted; // the language asked for last
const said = new WeakMap(); // element -> Map(attribute -> what it says)

/** The text of a key of `locales/*.json`. @param {string} key @param {Record<string, string|number>} [args] see Messages.text */
export function t(key, args) {
  const text = messages.text(key, args);
  if (text !== undefined) return text;
  console.error(`${messages.language} has no text for ${key}`);
  english ??= fetched('en').then((found) => {
    english = found;
    retell(); // now that there is something better than a key
  }, () => {});
  return (english instanceof Messages && english.text(key, args)) || key;
}

/** What the worker or the wasm says, in English, in the visitor's language. */
export const sentence = (text) => messages.sentence(text);

/** Several of them, one after the other. @param {string[]} english */
export const sentences = (english) => english.map(sentence).join(t('join.sentences'));

/** Several facts in one line, the empty ones left out. @param {(string|number|false|undefined)[]} facts */
export const list = (facts) => facts.filter(Boolean).map((fact) => messages.isolated(String(fact))).join(t('join.list'));

/** A number as the language writes it. @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const number = (value, options) => messages.number(value, options);

/** A day or time as the language writes it. @param {Date|number} value @param {Intl.DateTimeFormatOptions} options */
export const date = (value, options) => messages.date(value, options);

/** @returns {string} one of `LANGUAGES` */
export const language = () => messages.language;

/** A language's name, as part of a sentence. @param {string|undefined} code */
export const languageName = (code) => code && new Intl.DisplayNames([language()], { type: 'language' }).of(code);

/**
 * Writes a text into an element, and again whenever the language changes.
 * @param {Element} element
 * @param {string|(() => string)} text a function is asked for the text, with `t` in it; a string is an English sentence of the worker
 * @param {string} [attribute] written instead of the element's text
 */
export function say(element, text, attribute = '') {
  if (!said.has(element)) said.set(element, new Map());
  said.get(element).set(attribute, text);
  element.toggleAttribute('data-said', true);
  if (!attribute) delete element.dataset.i18n;
  write(element, attribute, text);
}

/** A choice of a select. @param {string|(() => string)} text as `say` takes it @param {string|number} value @param {boolean} [selected] */
export function option(text, value, selected = false) {
  const made = new Option('', value, false, selected);
  say(made, text);
  return made;
}

/**
 * Another language from here on, remembered for the next visit.
 * @param {string} code
 * @throws where its file cannot be fetched; the language then stays
 */
export async function setLanguage(code) {
  await use(code);
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // A browser that keeps nothing: the choice holds for this visit.
  }
  const url = new URL(location.href);
  if (!url.searchParams.has('lang')) return;
  url.searchParams.set('lang', code); // or a reload would bring back the former one
  history.replaceState(history.state, '', url);
}

/** Calls `changed` after each change of language, for what `say` cannot keep up to date. */
export const onLanguage = (changed) => document.addEventListener('portraoke-language', changed);

/** The choice in the masthead. @param {(text: () => string) => void} complain */
export function offerLanguages(complain) {
  const select = document.getElementById('language');
  for (const [code, name] of Object.entries(LANGUAGES)) {
    const choice = new Option(name, code);
    choice.lang = code;
    select.append(choice);
  }
  const mark = () => (select.value = language());
  mark();
  onLanguage(mark);
  select.addEventListener('change', () =>
    setLanguage(select.value).catch(() => {
      mark();
      complain(() => t('language.missing'));
    }),
  );
}

/** The address's, else the remembered, else the first of the browser's that there is. */
function choice() {
  let remembered;
  try {
    remembered = localStorage.getItem(REMEMBERED);
  } catch {
    // As if none were remembered.
  }
  const asked = new URLSearchParams(location.search).get('lang');
  return [asked, remembered, ...navigator.languages].map(nearest).find(Boolean) ?? 'en';
}

/** Of `LANGUAGES`, by its language alone: a reader of pt-BR is not served by es, but one of zh-TW by zh-Hans. */
function nearest(tag) {
  const code = tag?.split('-')[0].toLowerCase();
  return Object.keys(LANGUAGES).find((known) => known.split('-')[0] === code);
}

async function use(code) {
  wanted = code;
  const found = await fetched(code);
  if (wanted !== code) return; // another was chosen meanwhile
  messages = found;
  Object.assign(document.documentElement, { lang: code, dir: messages.rightToLeft ? 'rtl' : 'ltr' });
  retell();
}

async function fetched(code) {
  const response = await fetch(new URL(`../locales/${code}.json`, import.meta.url));
  if (!response.ok) throw new Error(`locales/${code}.json: ${response.status}`);
  return new Messages(code, await response.json());
}

/** Writes everything again: first what the document marks with its keys, then what was said since. */
function retell() {
  for (const element of document.querySelectorAll('[data-i18n]')) element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll('[data-i18n-attr]')) {
    for (const pair of element.dataset.i18nAttr.split(' ')) {
      const [attribute, key] = pair.split(':');
      element.setAttribute(attribute, t(key));
    }
  }
  for (const element of document.querySelectorAll('[data-said]')) {
    for (const [attribute, text] of said.get(element) ?? []) write(element, attribute, text);
  }
  document.dispatchEvent(new Event('portraoke-language'));
}

function write(element, attribute, text) {
  const written = typeof text === 'function' ? text() : sentence(text);
  if (attribute) element.setAttribute(attribute, written);
  else if (element.textContent !== written) element.textContent = written;
}

await use(choice()).catch((error) => {
  console.error(error);
  return use('en');
});
