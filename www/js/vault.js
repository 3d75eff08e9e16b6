// The bytes behind the show: photos, scores, recordings. They stay in this page's memory.

export class Vault {
  #files = new Map(); // name -> {blob, name, ...}
  #next = 0;

  /**
   * Keeps a file.
   * @param {Blob} blob
   * @param {object} [about] what else is to be remembered of it
   * @param {string} [key] its name; by default one of its own
   * @returns {string} the name
   */
  put(blob, about = {}, key = `${this.#next++}`) {
    this.#files.set(key, { blob, ...about });
    return key;
  }

  /** @returns {{blob: Blob}|undefined} */
  get(key) {
    return this.#files.get(key);
  }

  /** Lets go of all but these. @param {Set<string>} keys */
  keep(keys) {
    for (const key of this.#files.keys()) if (!keys.has(key)) this.#files.delete(key);
  }
}
