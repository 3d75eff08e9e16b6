// A static file server for the built page: no dependencies, right MIME types, nothing cached.
// The page needs no special headers; a plain static host serves dist/ just as well.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm', // instantiateStreaming refuses anything else
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.musicxml': 'application/vnd.recordare.musicxml+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves a folder.
 * @param {string} folder
 * @param {number} port 0 picks a free one
 * @param {Record<string, string>} [overrides] URL path -> file, looked up first
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export function serve(folder, port = 0, overrides = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    let file = overrides[path] ?? normalize(join(root, path));
    if (!overrides[path] && file !== root && !file.startsWith(root + sep)) return void response.writeHead(403).end();
    try {
      if ((await stat(file)).isDirectory()) file = join(file, 'index.html');
      const { size } = await stat(file);
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-length': size,
        'cache-control': 'no-store',
      });
      if (request.method === 'HEAD') response.end();
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
    const { url } = await serve(process.argv[2] ?? 'dist', port);
    console.log(`Portraoke is at ${url} (Ctrl+C stops it)`);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`Port ${port} is taken by another program: set PORT to a free one, as in PORT=8001 ./build.sh`);
    process.exit(1);
  }
}
