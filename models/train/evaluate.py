"""Detector -> crop -> landmarks (two passes) -> matte with onnxruntime over a folder of photographs.

usage: evaluate.py PHOTOS [--models models] [--out PRED.json] [--sheet SHEET.png [--worst SCORES.json]] [--limit N]
then:  score_faces.py PHOTOS/reference.json PRED.json --debias --fit-box

PHOTOS holds reference.json, whose keys are the pictures' paths. Crops follow ARCHITECTURE.md "Networks" and
src/portrait; the photographs only ever measure, they train nothing."""
import argparse
import json
import os

import cv2
import numpy as np
import onnxruntime as ort

from geometry import SIZE, box_of, crop_matrix, eye_angle, warp

FACE = 1.6  # side of the landmark crop, longer sides of the box


def session(path):
    o = ort.SessionOptions()
    o.intra_op_num_threads = 1
    return ort.InferenceSession(path, o, providers=['CPUExecutionProvider'])


class Chain:
    def __init__(self, models):
        self.detector, self.landmarks, self.matte = (session(os.path.join(models, f + '.onnx')) for f in ('face_detector', 'face_landmarks', 'person_matte'))
        self.levels = None

    def cut(self, image, m, **how):
        """`warp` from the picture's halvings, which are kept while it is the current one."""
        if self.levels is None or self.levels[0] is not image:
            self.levels = [image]
        at, m = 0, m.copy()
        while np.sqrt(abs(np.linalg.det(m[:, :2]))) < 0.6 and min(self.levels[at].shape[:2]) >= 16:
            if at + 1 == len(self.levels):
                h, w = self.levels[at].shape[:2]
                self.levels.append(cv2.resize(self.levels[at], (w // 2, h // 2), interpolation=cv2.INTER_AREA))
            a, b = self.levels[at].shape, self.levels[at + 1].shape
            m[:, 0] *= a[1] / b[1]
            m[:, 1] *= a[0] / b[0]
            at += 1
        return warp(self.levels[at], m, **how)

    @staticmethod
    def tensor(crop):
        return np.ascontiguousarray(crop.transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1)

    def detect_in(self, image, centre, side, angle=0.0):
        """Peaks of one square patch: score, x, y, w, h in picture pixels (w, h along the patch's axes)."""
        m = crop_matrix(centre, side, angle)
        y = self.detector.run(None, {'image': self.tensor(self.cut(image, m))})[0][0]
        heat = y[0]
        peak = (heat >= cv2.dilate(heat, np.ones((3, 3)))) & (heat > -2.5)
        back = np.linalg.inv(m[:, :2])
        found = []
        for j, i in zip(*np.nonzero(peak)):
            c = back @ (np.array([i + y[1, j, i], j + y[2, j, i]]) * 4 - m[:, 2])
            w, h = np.exp(np.clip(y[3:5, j, i], -4.6, 0.4)) * side
            found.append((float(1 / (1 + np.exp(-heat[j, i]))), c[0] - w / 2, c[1] - h / 2, w, h))
        return found

    def detect(self, image):
        """The whole picture, then (for small faces) overlapping squares of half its longer side."""
        h, w = image.shape[:2]
        found = self.detect_in(image, (w / 2, h / 2), max(w, h))
        if max([f[0] for f in found], default=0) < 0.9:
            s = max(w, h) / 2
            for x in np.linspace(s / 2, w - s / 2, 3) if w > s else [w / 2]:
                for y in np.linspace(s / 2, h - s / 2, 3) if h > s else [h / 2]:
                    found += [(f[0] * 0.9, *f[1:]) for f in self.detect_in(image, (x, y), s)]
        kept = []
        for f in sorted(found, reverse=True):
            if not any(abs(f[1] + f[3] / 2 - k[1] - k[3] / 2) < 0.5 * max(f[3], k[3]) and abs(f[2] + f[4] / 2 - k[2] - k[4] / 2) < 0.5 * max(f[4], k[4]) for k in kept):
                kept.append(f)
        return kept[:6]

    def read(self, image, centre, side, angle):
        m = crop_matrix(centre, side, angle)
        o = dict(zip(('points', 'sigma', 'expression', 'pose', 'gaze', 'score'), self.landmarks.run(None, {'face': self.tensor(self.cut(image, m))})))
        o = {k: v[0] for k, v in o.items()}
        o['crop'] = o['points'] * SIZE
        o['points'] = (o['crop'] - m[:, 2]) @ np.linalg.inv(m[:, :2]).T
        return o

    def face(self, image, box):
        """First pass on the detector's box, second level and centred by the first's points."""
        x, y, w, h = box
        a = self.read(image, (x + w / 2, y + h / 2), FACE * max(w, h), 0.0)
        if a['score'][0] < 0.05:
            return a
        p = a['points'][:68]
        angle = eye_angle(p)
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, s], [-s, c]])
        b = box_of(p @ turn.T)
        return self.read(image, turn.T @ (b[:2] + b[2:] / 2), FACE * max(b[2:]), angle)

    def faces(self, image):
        out = []
        for score, *box in self.detect(image):
            o = self.face(image, box)
            total = score * 0.5 + float(o['score'][0]) * 0.5
            b = box_of(o['points'][:68])
            if o['score'][0] < 0.5 or (out and score < 0.3) or any(np.abs(b[:2] + b[2:] / 2 - q['box'][:2] - q['box'][2:] / 2).max() < 0.4 * max(b[2:]) for q in out):
                continue
            out.append(dict(o, box=b, score=total, detected=box))
        return out

    def person(self, image, box):
        x, y, w, h = box
        m = crop_matrix((x + w / 2, y + h / 2 + 0.35 * h), 3.2 * max(w, h), 0.0)
        crop = self.cut(image, m, border=cv2.BORDER_REPLICATE)
        return crop, self.matte.run(None, {'image': self.tensor(crop)})[0][0]


def tile(image, faces, chain, label, size=200):
    h, w = image.shape[:2]
    k = size / max(h, w)
    t = np.full((size, size, 3), 60, np.uint8)
    small = cv2.resize(image, (max(1, round(w * k)), max(1, round(h * k))), interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
    t[:small.shape[0], :small.shape[1]] = small[..., ::-1]
    crops = []
    for f in faces[:1]:
        x, y, bw, bh = (np.array(f['detected']) * k).astype(int)
        cv2.rectangle(t, (x, y), (x + bw, y + bh), (0, 255, 255), 1)
        b = f['box']
        m = crop_matrix(b[:2] + b[2:] / 2, 1.45 * max(b[2:]), 0.0, size)
        c = warp(image, m, size)[..., ::-1].copy()
        q = f['points'] @ m[:, :2].T + m[:, 2]
        for i, (px, py) in enumerate(q[:70]):
            cv2.circle(c, (int(px), int(py)), 1, (0, 0, 255) if i >= 68 else (0, 255, 0), -1)
        crop, a = chain.person(image, b)
        a = cv2.resize(a.transpose(1, 2, 0), (size, size))
        mt = cv2.resize(crop, (size, size))[..., ::-1] * (0.25 + 0.75 * a[..., :1])
        mt[..., 2] = np.clip(mt[..., 2] + 90 * a[..., 1], 0, 255)
        crops = [c, mt.astype(np.uint8)]
    while len(crops) < 2:
        crops.append(np.zeros((size, size, 3), np.uint8))
    row = np.hstack([t, *crops])
    cv2.putText(row, label, (3, size - 4), 0, 0.38, (255, 255, 255), 1, cv2.LINE_AA)
    return row


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument('photos')
    ap.add_argument('--models', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
    ap.add_argument('--out', default='PRED.json')
    ap.add_argument('--sheet')
    ap.add_argument('--choose', choices=['even', 'worst'], default='even', help='which pictures the sheet shows')
    ap.add_argument('--rows', type=int, default=8)
    ap.add_argument('--part', default='', help='only pictures whose path starts so')
    a = ap.parse_args()
    chain = Chain(a.models)
    reference = {k: v for k, v in json.load(open(os.path.join(a.photos, 'reference.json'))).items() if k.startswith(a.part)}
    pred, error, keep = {}, {}, {}
    for name, r in reference.items():
        image = cv2.imread(os.path.join(a.photos, name))
        if image is None:
            print('cannot be read:', name)
            continue
        image = np.ascontiguousarray(image[..., ::-1])
        faces = chain.faces(image)
        pred[name] = [dict(box=[float(v) for v in f['box']], score=f['score'], p68=f['points'][:68].round(2).tolist(), iris=f['points'][68:70].round(2).tolist()) for f in faces]
        keep[name] = faces
        for g in r['faces'][:1]:
            b = np.array(g['box'])
            best = [f for f in faces if np.abs(f['box'][:2] + f['box'][2:] / 2 - b[:2] - b[2:] / 2).max() < 0.5 * max(b[2:])]
            want = np.array([[np.nan] * 2 if q is None or q[0] is None else q for q in g['landmarks']], float) if g.get('landmarks') else None
            error[name] = 1.0 if not best else float(np.nanmean(np.linalg.norm(best[0]['points'][17:68] - want[17:], axis=1)) / g['iod']) if want is not None else 0.0
    json.dump(pred, open(a.out, 'w'))
    groups = {}
    for n, e in error.items():
        groups.setdefault(n.split('/')[0] if '/' in n else 'other', []).append(e)
    for g, e in groups.items():
        found = [x for x in e if x < 1]
        print(f'{g}: found {len(found)}/{len(e)}, inner points without debias: median {100 * np.median(found):.2f} %, mean {100 * np.mean(found):.2f} %' if found else f'{g}: found 0/{len(e)}')
    if a.sheet:
        names = sorted(error, key=lambda n: -error[n]) if a.choose == 'worst' else list(error)[::max(1, len(error) // (a.rows * 3))]
        tiles = []
        for n in names[:a.rows * 3]:
            image = np.ascontiguousarray(cv2.imread(os.path.join(a.photos, n))[..., ::-1])
            tiles.append(tile(image, keep[n], chain, f'{n} {100 * error[n]:.1f}%'))
        while len(tiles) % 3:
            tiles.append(np.zeros_like(tiles[0]))
        cv2.imwrite(a.sheet, np.vstack([np.hstack(tiles[i:i + 3]) for i in range(0, len(tiles), 3)]))


if __name__ == '__main__':
    main()
