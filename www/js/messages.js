// The messages of one language: by key, as the page names them, and by English sentence, as the worker and the wasm send
// them (the worker knows no language). Knows no document, so tests run it in Node.

/** Codes of digits and dates that differ from the language's own code. */
const RIGHT_TO_LEFT = ['ar'];
const FORMATS = { ar: 'ar-u-nu-latn' }; // the clock and file sizes stay in the digits of the rest of the page

export class Messages {
  #table;
  #numbers = new Map();
  #plurals;
  #patterns; // compiled on first use

  /** Whether it is written from right to left. */
  get rightToLeft() {
    return RIGHT_TO_LEFT.includes(this.language);
  }

  /** @param {string} language @param {object} table a file of `locales/`, parsed */
  constructor(language, table) {
    this.language = language;
    this.#table = table;
    this.#plurals = new Intl.PluralRules(language);
  }

  /**
   * @param {string} key "group.name"
   * @param {Record<string, string|number>} [args] fill the `{name}`s; numbers are written as the language does; `count` picks the plural
   * @returns {string|undefined} undefined where the language lacks it
   */
  text(key, args = {}) {
    const found = key.split('.').reduce((group, name) => group?.[name], this.#table);
    return this.#filled(found, args, args.count);
  }

  /** An English sentence in this language; unchanged where it is not known, as a file's name is. @param {string} english */
  sentence(english) {
    const known = this.#table.sentences ?? {};
    if (typeof known[english] === 'string') return known[english];
    this.#patterns ??= Object.entries(known).filter(([template]) => /\{\d+\}/.test(template)).map(pattern);
    for (const { matcher, order, translation } of this.#patterns) {
      const parts = matcher.exec(english)?.slice(1);
      if (!parts) continue;
      const args = Object.fromEntries(parts.map((part, i) => [order[i], this.#part(part)]));
      return this.#filled(translation, args, Object.values(args).find((part) => typeof part === 'number'));
    }
    return english;
  }

  /** @param {Date|number} value @param {Intl.DateTimeFormatOptions} options */
  date(value, options) {
    return new Intl.DateTimeFormat(FORMATS[this.language] ?? this.language, options).format(value);
  }

  /** @param {number} value @param {Intl.NumberFormatOptions} [options] */
  number(value, options = {}) {
    const kind = JSON.stringify(options);
    if (!this.#numbers.has(kind)) this.#numbers.set(kind, new Intl.NumberFormat(FORMATS[this.language] ?? this.language, options));
    return this.#numbers.get(kind).format(value);
  }

  /** A name or another text of its own direction, so that the text around it keeps its order. */
  isolated(text) {
    return this.rightToLeft && text ? `\u2068${text}\u2069` : text;
  }

  /** What stood in a sentence's blank: a number, a phrase that is known by itself, or something that stays, as a name. */
  #part(text) {
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : this.sentence(text);
  }

  #filled(found, args, count) {
    const text = typeof found === 'object' ? (found[this.#plurals.select(Number(count))] ?? found.other) : found;
    return text?.replace(/\{(\w+)\}/g, (blank, name) => {
      const value = args[name] ?? blank;
      return typeof value === 'number' ? this.number(value) : this.isolated(value);
    });
  }
}

/** A template with `{0}`, `{1}` as what finds its sentences. */
function pattern([template, translation]) {
  const pieces = template.split(/\{(\d+)\}/); // literal, number, literal, number ... literal
  const source = pieces.map((piece, i) => (i % 2 ? '(.+?)' : piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('');
  return { matcher: new RegExp(`^${source}$`, 's'), order: pieces.filter((_, i) => i % 2), translation };
}
