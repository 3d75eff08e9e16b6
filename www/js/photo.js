// Files from the visitor's hands to bytes: size limit, and formats only the browser itself may know.
const LIMIT = 100e6;

/**
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<Uint8Array>} a file that the portrait reader knows, where possible
 */
export async function photoBytes(file, name) {
  if (file.size > LIMIT) throw new Error(`${name} is larger than 100 MB: save a smaller copy of the photo and choose that.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  return (await transcoded(bytes)) ?? bytes;
}

/** HEIC and AVIF as PNG where the browser decodes them (Safari: both; others: AVIF). The rest is left as it is. */
async function transcoded(bytes) {
  const isHeif = String.fromCharCode(...bytes.subarray(4, 8)) === 'ftyp';
  if (!isHeif) return null;
  const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => null);
  if (!bitmap) return null; // the portrait reader then says what is wrong
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  const png = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await png.arrayBuffer());
}
