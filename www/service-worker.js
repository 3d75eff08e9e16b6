// Lets the page work without a connection. What belongs to one version of the page lies in one cache, whole or not at all:
// a page is served from one version from its first file to its last, and a new one takes over when nobody looks at the old.
// `precache.js` is written by `scripts/precache.mjs` when dist/ is assembled. A classic script and not a module, because
// browsers compare what `importScripts` brings when they look for an update.
importScripts('precache.js');

/** @type {{version: string, files: Record<string, string>, backends: Record<string, string[]>}} files: path -> SHA-256, in hex */
const { version, files, backends } = self.precache;
const backend = new URL(location).searchParams.get('backend'); // the other one's wasm and networks are not kept
const scope = new URL(registration.scope);
const MINE = `portraoke ${scope.pathname} `; // other pages may live on the same origin
const CACHE = `${MINE}${version} ${backend}`;

const others = new Set(Object.entries(backends).flatMap(([name, paths]) => (name === backend ? [] : paths)));
const kept = Object.keys(files).filter((path) => !others.has(path));
const known = new Set(kept.map((path) => new URL(path, scope).href));

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', (event) => event.data === 'take over' && event.waitUntil(takeOver(event.source)));
self.addEventListener('fetch', (event) => {
  const { method, mode, url, headers } = event.request;
  if (method !== 'GET' || headers.has('range')) return; // a part of a file is the host's business
  const address = mode === 'navigate' && isPage(url) ? new URL('index.html', scope).href : url.split('?')[0];
  if (known.has(address)) event.respondWith(answer(address, event.request));
});

const isPage = (url) => ['', 'index.html'].some((name) => new URL(url).pathname === new URL(name, scope).pathname);

async function answer(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}

/** One file after the other, so that whatever the visitor asks for meanwhile comes first. */
async function install() {
  const cache = await caches.open(CACHE);
  try {
    for (const path of kept) await cache.put(new URL(path, scope).href, await fetched(path));
  } catch (error) {
    // Without room the page goes on from the network. Else what came stays, and the next visit fetches the rest.
    if (error.name === 'QuotaExceededError') await caches.delete(CACHE);
    throw error;
  }
}

/** A file as this version has it: from an older version's cache where it is the same, else from the host. */
async function fetched(path) {
  const url = new URL(path, scope).href;
  for (const name of await mine()) {
    const old = await (await caches.open(name)).match(url);
    if (old && (await digest(old.clone())) === files[path]) return old;
  }
  const response = await fetch(url, { cache: 'no-cache', priority: 'low' });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const body = await response.arrayBuffer();
  const whole = new Response(body, { headers: { 'content-type': response.headers.get('content-type') ?? '', 'content-length': body.byteLength } });
  // A host in the middle of an upload gives files of two versions: then this one is not installed yet.
  if ((await digest(whole.clone())) !== files[path]) throw new Error(`${path} is not the one of version ${version}`);
  return whole;
}

async function digest(response) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const mine = async () => (await caches.keys()).filter((name) => name.startsWith(MINE));

async function activate() {
  const old = (await mine()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The page of a first visit may lose its connection too. Later ones are served by this worker from their start.
  if (!old.length) await self.clients.claim();
}

/** The visitor wants the new version now. Not while another tab shows the old one: its files would change under it. */
async function takeOver(page) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 1) page.postMessage('other tabs');
  else await self.skipWaiting();
}
