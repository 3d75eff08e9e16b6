// What the stage shows, as numbers: grey levels of the preview's own pixels, without what is laid over it.

/** @returns {Promise<{width, height, grey: number[]}>} what is shown now */
export function seen(page) {
  return page.evaluate(() => {
    const canvas = document.getElementById('preview');
    const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
    pen.drawImage(canvas, 0, 0);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return { width, height, grey: Array.from({ length: width * height }, (_, i) => Math.round((data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3)) };
  });
}

/** Waits until the picture stays as it is: everything asked for has been drawn. */
export async function still(page) {
  let before = await seen(page);
  for (let quiet = 0; quiet < 2; ) {
    await page.waitForTimeout(250);
    const now = await seen(page);
    quiet = now.width === before.width && now.height === before.height && difference(now, before) === 0 ? quiet + 1 : 0;
    before = now;
  }
  return before;
}

/** How far two pictures of one size differ, grey levels a pixel, within a box of shares. */
export function difference(a, b, box = { x: 0, y: 0, width: 1, height: 1 }) {
  if (a.width !== b.width || a.height !== b.height) return Infinity;
  let [sum, n] = [0, 0];
  for (let y = Math.floor(box.y * a.height); y < Math.min(a.height, (box.y + box.height) * a.height); y++) {
    for (let x = Math.floor(box.x * a.width); x < Math.min(a.width, (box.x + box.width) * a.width); x++, n++) {
      sum += Math.abs(a.grey[y * a.width + x] - b.grey[y * a.width + x]);
    }
  }
  return sum / n;
}

/** A picture as in a mirror. */
export function mirrored({ width, height, grey }) {
  return { width, height, grey: grey.map((_, i) => grey[i - (i % width) + width - 1 - (i % width)]) };
}

/** Mean grey level within a box of shares. */
export function brightness({ width, height, grey }, box) {
  return difference({ width, height, grey }, { width, height, grey: grey.map(() => 0) }, box);
}
