"""Steadiness on video: how much the landmarks tremble while a speaker holds still, and whether they come late.

    python jitter.py [--video | --live] [--look SHEETS] [CLIP...]     goal: at most 0.5 px RMS at 256 px, no lag

Clips: the three GRID recordings of assets/clips unless others are named. Each frame is analysed alone; with --video or
--live the program follows the face (`portraoke analyse --video [--live]`). Still moments are windows of seven frames in which OpenSeeFace's points drift and the
pixels of the face change least. Jitter: RMS distance of our points from their straight line over the window, in pixels of a crop of 256
(1.6 times the face's box). Lag: the shift of mouth opening and head place that correlates best with OpenSeeFace's, in frames, + is late.
"""
import os
import tempfile

import cv2
import numpy as np

import draw
import program

WINDOW = 7  # frames
STILL = 0.25  # share of the windows that counts as still
REACH = 4  # largest lag looked for, frames


def detrended(p):
    """p [n,k,2] less each coordinate's straight line over the n frames, with the variance those two unknowns took given back."""
    n = len(p)
    t = np.arange(n) - (n - 1) / 2
    slope = np.tensordot(t, p, 1) / (t @ t)
    return (p - p.mean(0) - t[:, None, None] * slope) * np.sqrt(n / (n - 2))


def still_windows(images, oracle):
    """Starts of the stillest windows: least drift of the oracle's points, least change of the face's pixels."""
    lo = np.nanmin(oracle, (0, 1)).astype(int).clip(0)
    hi = np.nanmax(oracle, (0, 1)).astype(int) + 1
    grey = [cv2.GaussianBlur(i[lo[1]:hi[1], lo[0]:hi[0]].mean(2).astype(np.float32), (0, 0), 1.5) for i in images]
    change = np.array([np.abs(b - a).mean() for a, b in zip(grey, grey[1:])])
    starts = np.arange(len(images) - WINDOW + 1)
    drift = np.array([np.linalg.norm(oracle[s + WINDOW - 2:s + WINDOW].mean(0) - oracle[s:s + 2].mean(0), axis=1).mean() for s in starts])
    moved = np.array([change[s:s + WINDOW - 1].mean() for s in starts])
    rank = lambda v: np.argsort(np.argsort(np.where(np.isfinite(v), v, np.inf)))
    order = np.argsort(rank(drift) + rank(moved))
    return starts[order[:max(1, int(STILL * len(starts)))]]


def lagged(x, y):
    """Lag of y behind x in frames, between frames by a parabola, and the correlation there. Of changes, so that drifts do not count."""
    x, y = np.gradient(x), np.gradient(y)
    r = np.array([np.corrcoef(x[max(0, -k):len(x) - max(0, k)], y[max(0, k):len(y) + min(0, k)])[0, 1] for k in range(-REACH, REACH + 1)])
    if not np.isfinite(r).all():
        return np.nan, np.nan
    i = int(r.argmax())
    k = 0.0
    if 0 < i < len(r) - 1:
        a, b, c = r[i - 1:i + 2]
        k = 0.5 * (a - c) / (a - 2 * b + c - 1e-12)
    return i - REACH + k, float(r[i])


def opening(p):
    """Inner-lip gap over its width, of 68 points."""
    d = lambda a, b: np.linalg.norm(p[:, a] - p[:, b], axis=1)
    return (d(61, 67) + d(62, 66) + d(63, 65)) / 3 / np.maximum(d(60, 64), 1e-6)


def follow(a, images):
    """Our points [n,68,2] (nan where no face is found) and the neutral face's identity coefficients [n,k]."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f'{i:05}.png' for i in range(len(images))]
        for name, image in zip(names, images):
            cv2.imwrite(os.path.join(folder, name), image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if a.video or a.live:
            jobs, a.jobs = a.jobs, 1
            found = program.lines(a, ['--video', '--live'] if a.live else ['--video'], ['.'], folder)
            a.jobs = jobs
        else:
            found = program.lines(a, [], names, folder)
    points, identity = np.full((len(images), 68, 2), np.nan), [None] * len(images)
    for i, line in enumerate(found[:len(images)]):
        if line['faces']:
            points[i] = line['faces'][0]['landmarks68']
            identity[i] = line['faces'][0]['fit']['identity']
    return points, identity


def measure(a, path, facetrack, oracle):
    clip = facetrack.Clip(path)
    images = clip.read(range(min(clip.n, a.frames)))
    images = [images[i] for i in sorted(images)]
    truth = oracle.track(images)
    points, identity = follow(a, images)
    ok = np.isfinite(points).all((1, 2)) & np.isfinite(truth).all((1, 2))
    box = np.nanmax(points, 1) - np.nanmin(points, 1)
    to256 = 256 / (1.6 * np.nanmean(box.max(1)))
    windows = [s for s in still_windows(images, truth) if ok[s:s + WINDOW].all()]
    rms = lambda p, which=slice(None): to256 * np.sqrt(np.mean([np.square(detrended(p[s:s + WINDOW][:, which])).sum(-1).mean() for s in windows])) if windows else np.nan
    parts = {'all': rms(points), 'jaw': rms(points, slice(0, 17)), 'brows': rms(points, slice(17, 27)), 'nose': rms(points, slice(27, 36)), 'eyes': rms(points, slice(36, 48)), 'mouth': rms(points, slice(48, 68))}
    good = np.flatnonzero(ok)
    fill = lambda v: np.interp(np.arange(len(v)), good, v[good])
    mouth = lagged(fill(facetrack.mouth_opening(truth)), fill(opening(points)))
    stem = lambda p, k: p[:, 27:36].mean(1)[:, k]
    head = [lagged(fill(stem(truth, k)), fill(stem(points, k))) for k in (0, 1)]
    head = max(head, key=lambda h: np.nan_to_num(h[1]))
    known = np.array([i for i in identity if i is not None])
    drift = np.sqrt(np.square(known[1:] - known[:-1]).mean()) if len(known) > 1 else np.nan
    return dict(parts=parts, oracle=rms(truth), mouth=mouth, head=head, found=ok.mean(), identity=drift, images=images, points=points)


def main():
    p = program.arguments(__doc__)
    p.add_argument('clips', nargs='*', help='videos or folders of frames')
    p.add_argument('--video', action='store_true', help='follow the face instead of looking at each frame alone')
    p.add_argument('--live', action='store_true', help='follow it without looking ahead')
    p.add_argument('--frames', type=int, default=75, help='from the start of each clip')
    a = p.parse_args()
    program.tools(a.shared)
    import facetrack
    folder = os.path.join(a.shared, 'assets', 'clips')
    clips = a.clips or sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith('.mpg'))
    oracle, jitter, tiles = facetrack.Oracle(), [], []
    for path in clips:
        m = measure(a, path, facetrack, oracle)
        jitter.append(m['parts']['all'])
        name = os.path.splitext(os.path.basename(path.rstrip('/')))[0]
        print(f'{name}: found in {100 * m["found"]:.0f} %; jitter px at 256: ' + ' '.join(f'{k} {v:.2f}' for k, v in m['parts'].items()) + f' (OpenSeeFace {m["oracle"]:.2f}); '
              f'lag in frames: mouth {m["mouth"][0]:+.2f} (r {m["mouth"][1]:.2f}), head {m["head"][0]:+.2f} (r {m["head"][1]:.2f}); identity steps by {m["identity"]:.4f} a frame')
        for i in range(0, len(m['images']), max(1, len(m['images']) // 5)):
            tiles.append(draw.tile(m['images'][i][..., ::-1], (), [(m['points'][i], draw.GREEN)], f'{name} {i}', 240, _box(m['points'][i])))
    print(f'jitter on still moments: {np.sqrt(np.nanmean(np.square(jitter))):.3f} px RMS at 256 px' + (' (followed live)' if a.live else ' (followed)' if a.video else ' (each frame alone)'))
    if a.look:
        draw.sheet(tiles, os.path.join(a.look, 'jitter.png'), 6)


def _box(p):
    return None if not np.isfinite(p).all() else [*p.min(0), *(p.max(0) - p.min(0))]


if __name__ == '__main__':
    main()
