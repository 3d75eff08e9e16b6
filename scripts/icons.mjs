// Draws www/icons/*.png from www/icon.svg: run it after a change to the drawing. `node scripts/icons.mjs` (CHROMIUM names the browser)
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '../tests/browser/chromium.mjs';

const www = join(import.meta.dirname, '../www');
const svg = await readFile(join(www, 'icon.svg'), 'utf8');
// A launcher cuts a maskable icon to its own shape: ground up to the edges, the drawing within the inner 80 %.
const ground = svg.match(/<rect[^>]*>/)[0];
const maskable = svg
  .replace(ground, `${ground.replace(/ rx="\d+"/, '')}<g transform="translate(32 32) scale(0.78) translate(-32 -32)">`)
  .replace('</svg>', '</g></svg>');

const browser = await launch();
for (const [name, drawing, size] of [['icon-192', svg, 192], ['icon-512', svg, 512], ['maskable-512', maskable, 512]]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${drawing}`);
  await page.screenshot({ path: join(www, `icons/${name}.png`), omitBackground: true });
  await page.close();
}
await browser.close();
