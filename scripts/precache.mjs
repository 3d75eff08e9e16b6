// Writes FOLDER/precache.js: the version of the built page and what its service worker keeps for use without a connection.
// The version is a hash of everything that is kept, so that the same files are the same version wherever they are built.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What only one of the two backends fetches (`www/worker/backend.js`). */
const ONLY = { webgpu: /^pkg\/|^models\/.*\.plan$/, fallback: /^pkg-fallback\/|^models\/.*\.onnx$/ };

/** Sources that the page never asks for, and the service worker's own files, which the browser keeps by itself. */
const LEFT_OUT = /^songs\/text\/|^service-worker\.js$|^precache\.js$/;

/** @returns {Promise<{version: string, files: Record<string, string>, backends: Record<string, string[]>}>} */
export async function precache(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'))
    .filter((path) => !LEFT_OUT.test(path))
    .sort();
  const files = {};
  const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
  for (const path of paths) files[path] = sha(await readFile(join(folder, path)));
  const backends = Object.fromEntries(Object.entries(ONLY).map(([name, pattern]) => [name, paths.filter((path) => pattern.test(path))]));
  return { version: sha(JSON.stringify(files)).slice(0, 12), files, backends };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2] ?? 'dist';
  await writeFile(join(folder, 'precache.js'), `self.precache = ${JSON.stringify(await precache(folder), null, 1)};\n`);
}
