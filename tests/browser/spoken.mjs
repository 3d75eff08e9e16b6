// What a visitor sees and hears of the page, to find words that were left in English.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const www = resolve(import.meta.dirname, '../../www');

/** Runs in the page: visible texts and accessible names, without what has a language of its own, as a song's title has. */
export function visibleTexts() {
  const own = document.documentElement.lang;
  const foreign = (element) => element.closest('[translate=no]') || (element.closest('[lang]').lang || own) !== own;
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility({ visibilityProperty: true }) || foreign(element)) continue;
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.data.trim());
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'alt', 'placeholder', 'label']) found.push(element.getAttribute(name) ?? '');
  }
  return found.filter(Boolean);
}

// Names of things, the same in every language.
const NAMES =
  /Portraoke|MusicXML|Live Link Face|\.track\.json|\.csv|\.portraoke|MP4|WebM|WebP|JPEG|PNG|GIF|BMP|AV1|M4A|Ogg|WAV|H\.264|VP9|VLC|AAC|Opus|WebGPU|Chrome|Edge|Safari|AI|px|MB|\d+\.png/g;

/** @returns {Promise<{leaves: (text: string) => boolean}>} `leaves`: whether Latin letters are left when all names are taken away */
export async function spoken() {
  const people = [];
  for (const { composer, title } of JSON.parse(await readFile(resolve(www, 'songs/catalogue.json'), 'utf8'))) people.push(composer, title);
  for (const { name } of JSON.parse(await readFile(resolve(www, 'portraits/catalogue.json'), 'utf8'))) people.push(name);
  const bare = (text) => people.reduce((rest, name) => rest.replaceAll(name, ''), text).replace(NAMES, '');
  return { leaves: (text) => /\p{Script=Latin}{2,}/u.test(bare(text)) };
}
