// A static file server for the built page: no dependencies, right MIME types, every file asked for again at each use.
// The page needs no special headers; a plain static host serves dist/ just as well.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.wasm': 'application/wasm', // instantiateStreaming refuses anything else
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.musicxml': 'application/vnd.recordare.musicxml+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const COMPRESSED = new Set(['.png', '.jpg', '.webp', '.woff2', '.mxl']);

/** What has been compressed in this process: file and its age -> bytes. */
const packed = new Map();

/** Quality 5 is what hosts use that compress as they answer: a wasm of 10 MB takes a third of a second. */
async function compressed(file, age) {
  const key = `${file} ${age}`;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  if (!packed.has(key)) packed.set(key, readFile(file).then((bytes) => promisify(brotliCompress)(bytes, { params })));
  return packed.get(key);
}

/**
 * Serves a folder.
 * @param {string} folder
 * @param {number} port 0 picks a free one
 * @param {Record<string, string>} [overrides] URL path -> file, looked up first
 * @param {{compress?: boolean, asked?: (path: string, status: number) => void}} [options] `compress`: answers in brotli, as real
 *   hosts do; `asked`: hears of every request
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export function serve(folder, port = 0, overrides = {}, { compress = false, asked } = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    response.on('finish', () => asked?.(path, response.statusCode));
    let file = overrides[path] ?? normalize(join(root, path));
    if (!overrides[path] && file !== root && !file.startsWith(root + sep)) return void response.writeHead(403).end();
    try {
      if ((await stat(file)).isDirectory()) file = join(file, 'index.html');
      const { size, mtimeMs } = await stat(file);
      const etag = `"${size}-${mtimeMs}"`;
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
      const packs = compress && !COMPRESSED.has(extname(file)) && /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
      const body = packs && (await compressed(file, mtimeMs));
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-length': body ? body.length : size,
        'cache-control': 'no-cache',
        etag,
        ...(packs && { 'content-encoding': 'br' }),
      });
      if (request.method === 'HEAD') response.end();
      else if (body) response.end(body);
      else createReadStream(file).pipe(response);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    }
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, () =>
      done({
        url: `http://localhost:${server.address().port}/`,
        close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
      }),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.env.PORT ?? 8000);
  try {
    const { url } = await serve(process.argv[2] ?? 'dist', port, {}, { compress: true });
    console.log(`Portraoke is at ${url} (Ctrl+C stops it)`);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`Port ${port} is taken by another program: set PORT to a free one, as in PORT=8001 ./build.sh`);
    process.exit(1);
  }
}
