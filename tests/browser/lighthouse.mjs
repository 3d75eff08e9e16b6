// Audits the built page with Lighthouse's desktop preset, served compressed as real hosts do it: scores in %, figures, and
// whatever was found. Ends with 1 where a score is below 95.
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launch as launchChrome } from './lighthouse/node_modules/chrome-launcher/dist/index.js';
import lighthouse, { desktopConfig } from './lighthouse/node_modules/lighthouse/core/index.js';
import { serve } from '../../scripts/serve.mjs';
import { FLAGS } from './chromium.mjs';

const GOAL = 95;
const root = resolve(import.meta.dirname, '../..');
const categories = ['performance', 'accessibility', 'best-practices'];

delete process.env.VK_DRIVER_FILES; // meant for the native tests: it would hide Chromium's own driver
const server = await serve(join(root, 'dist'), 0, {}, { compress: true });
// Packed before it is timed: a host does that once, not for every visitor.
for (const path of ['pkg', 'pkg-fallback']) await fetch(`${server.url}${path}/portraoke_bg.wasm`, { headers: { 'accept-encoding': 'br' } }).then((r) => r.arrayBuffer());
const chrome = await launchChrome({
  chromePath: process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync),
  chromeFlags: ['--headless=new', '--no-sandbox', ...FLAGS.webgpu],
});
let low = false;
try {
  const { lhr, report } = await lighthouse(server.url, { port: chrome.port, onlyCategories: categories, output: 'html' }, desktopConfig);
  await mkdir(join(root, 'out'), { recursive: true });
  await writeFile(join(root, 'out/lighthouse.html'), report);
  for (const id of categories) {
    const score = Math.round(100 * lhr.categories[id].score);
    low ||= score < GOAL;
    console.log(`${lhr.categories[id].title.padEnd(16)}${String(score).padStart(4)}`);
  }
  for (const id of ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index', 'total-byte-weight'])
    console.log(`${lhr.audits[id].title.padEnd(28)}${lhr.audits[id].displayValue}`);
  const found = Object.values(lhr.audits).filter(({ score, scoreDisplayMode }) => score !== null && score < 0.9 && scoreDisplayMode !== 'informative');
  for (const { id, title, displayValue = '', details } of found) {
    console.log(`- ${id}: ${title} ${displayValue}`);
    for (const item of (details?.items ?? []).slice(0, 4)) console.log(`    ${JSON.stringify(item.node?.snippet ?? item.url ?? item.description ?? item).slice(0, 200)}`);
  }
  console.log('Report: out/lighthouse.html');
} finally {
  await chrome.kill();
  await server.close();
}
process.exitCode = low ? 1 : 0;
