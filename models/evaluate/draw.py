"""Pictures to look at: tiles with points and boxes, and sheets of tiles. BGR, as OpenCV has it."""
import os

import cv2
import numpy as np

GREEN, RED, YELLOW, GREY, MAGENTA = (80, 255, 0), (40, 40, 255), (0, 220, 255), (150, 150, 150), (255, 60, 220)


def tile(image, boxes=(), points=(), label='', size=200, around=None):
    """The picture, or what is `around` a box, in a square. boxes: (x y w h, colour); points: ([n,2], colour)."""
    h, w = image.shape[:2]
    if around is None:
        corner, side = np.zeros(2), float(max(h, w))
    else:
        around = np.asarray(around, float)
        side = 1.5 * max(around[2:].max(), 4)
        corner = around[:2] + around[2:] / 2 - side / 2
    k = size / side
    source = image
    while k < 0.5 and min(source.shape[:2]) > 8:
        source, k = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), k * 2
    shrunk = w / source.shape[1]
    m = np.array([[k, 0, -corner[0] / shrunk * k + k / 2 - 0.5], [0, k, -corner[1] / shrunk * k + k / 2 - 0.5]])
    t = cv2.warpAffine(source, m, (size, size), flags=cv2.INTER_LINEAR, borderValue=(60, 60, 60))
    k = size / side
    for box, colour in boxes:
        a = (np.asarray(box[:2], float) - corner) * k
        b = a + np.asarray(box[2:], float) * k
        cv2.rectangle(t, [int(v) for v in a], [int(v) for v in b], colour, 1, cv2.LINE_AA)
    for p, colour in points:
        for q in (np.asarray(p, float) - corner) * k:
            if np.isfinite(q).all():
                cv2.circle(t, [int(round(v * 16)) for v in q], 20, colour, -1, cv2.LINE_AA, 4)
    if label:
        cv2.putText(t, label, (3, size - 5), 0, 0.36, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(t, label, (3, size - 5), 0, 0.36, (255, 255, 255), 1, cv2.LINE_AA)
    return t


def sheet(tiles, path, columns=None):
    """Tiles of one size in rows; nothing is written for no tiles."""
    if not tiles:
        return
    columns = columns or max(1, int(np.ceil(np.sqrt(len(tiles) * 1.4))))
    blank = np.zeros_like(tiles[0])
    rows = [tiles[i:i + columns] for i in range(0, len(tiles), columns)]
    if len(rows) > 1:
        rows[-1] = rows[-1] + [blank] * (columns - len(rows[-1]))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    cv2.imwrite(path, np.vstack([np.hstack(r) for r in rows]), [cv2.IMWRITE_PNG_COMPRESSION, 9])
