// Fetches the page's own files with one progress figure for all of them.

const base = new URL('../', import.meta.url);

/**
 * @param {string[]} paths relative to the page
 * @param {(part: number) => void} report called with the part done, 0..1
 * @returns {Promise<Uint8Array[]>} in the order of `paths`
 */
export async function fetchAll(paths, report) {
  const parts = paths.map(() => 0);
  return Promise.all(
    paths.map((path, i) =>
      fetchBytes(path, (part) => {
        parts[i] = part;
        report(parts.reduce((a, b) => a + b) / parts.length);
      }),
    ),
  );
}

async function fetchBytes(path, report) {
  const response = await fetch(new URL(path, base)).catch(() => null);
  if (!response?.ok) {
    throw new Error(`A part of the page (${path}) could not be fetched: check the connection and reload the page.`);
  }
  // The length is that of the compressed body where the host compresses: then the bar is only roughly right.
  const expected = Number(response.headers.get('content-length')) || 0;
  const chunks = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    report(expected ? Math.min(1, length / expected) : 0.5);
  }
  report(1);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
