// What a first visit downloads: the files that were asked for, as a host would send them.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

export const dist = resolve(import.meta.dirname, '../../dist');

/** Bytes of a file, and of what is sent: brotli 11, a static host's; files that are compressed already go as they are. */
export function sent(path) {
  const bytes = readFileSync(path);
  if (/\.(woff2|jpe?g|png|webp)$/.test(path)) return [bytes.length, bytes.length];
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } });
  return [bytes.length, packed.length];
}

/** Paths of what was fetched, each once. @param {string[]} requests as `stand` records them */
export const fetched = (requests) => [...new Set(requests)].map((path) => decodeURIComponent(path === '/' ? '/index.html' : path));

/** Bytes sent for all of them together. @param {string[]} paths */
export const together = (paths) => paths.reduce((sum, path) => sum + sent(join(dist, path))[1], 0);
