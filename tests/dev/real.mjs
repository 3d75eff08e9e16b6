import { stand, reach, photo, data, setStage, film, QUICK } from '../browser/stand.mjs';
const place = await stand();
const { page, trouble, requests } = await place.open(process.argv[2] ?? QUICK);
page.on('console', (m) => console.log(m.type(), m.text()));
const t0 = Date.now(); const lap = (s) => console.log(s, Date.now() - t0);
try {
  await reach(page, 'ready'); lap('ready');
  await page.getByTestId('portrait-input').setInputFiles(await photo(Number(process.argv[3] ?? 0)));
  await page.getByTestId('portrait-item').waitFor(); await reach(page, 'ready'); lap('portrait');
  await page.waitForTimeout(300);
  await page.getByTestId('seek').fill('2'); await page.waitForTimeout(1500);
  await page.screenshot({ path: '/tmp/real-1.png' });
  await page.getByTestId('play').click(); await page.waitForTimeout(1500); await page.screenshot({ path: '/tmp/real-2.png' });
  await page.getByTestId('play').click();
  lap('film'); console.log(await film(page, '/tmp/real.mp4')); lap('done');
  console.log(await page.locator('#result-text').innerText());
} catch (e) { console.log(e.message); await page.screenshot({ path: '/tmp/real-1.png' }); }
console.log(trouble);
await place.close();
