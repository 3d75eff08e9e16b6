// Files that the page hands to the visitor.

/** A title as a file's name. */
export function slug(title) {
  return title.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'song';
}

/** Offers `text` as a download. */
export function save(text, type, name) {
  download(new Blob([text], { type }), name);
}

/** Offers a file as a download. @param {Blob} file */
export function download(file, name) {
  const url = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser is done with it by then
}
