"""The training samples of the three networks, drawn from shards of synthetic heads.

Everything works on single uint8 pictures with OpenCV: a sample costs one to two milliseconds, so that one thread can feed
another that trains."""
import cv2
import numpy as np

from clutter import backdrop, behind, occlude, shape
from geometry import SIZE, apply, box_of, crop_matrix, eye_angle, turned_pose, warp
from looks import bend, photograph
from paint import facial_hair, pale_lips
from shards import SEG

cv2.setNumThreads(1)
CROP = 1.4  # side of a face crop, longer sides of the face's box; the program reads crops from 1.2 to 1.6


class Mirror:
    """Index permutations for mirrored pictures, from the head model."""

    def __init__(self, head_model):
        from safetensors.numpy import load_file
        from safetensors import safe_open
        t = load_file(head_model)
        dense = t['dense_mirror'].astype(int)
        self.points = np.concatenate([t['landmarks68_mirror'].astype(int), [69, 68], 70 + dense])
        with safe_open(head_model, 'np') as f:
            names = f.metadata()['expression_names'].split(',')
        other = lambda n: n[:-4] + 'Right' if n.endswith('Left') else n[:-5] + 'Left' if n.endswith('Right') else n
        self.expression = np.array([names.index(other(n)) for n in names])


def pick(rng, heads):
    """A picture: its number, image, classes and 68 points."""
    n = rng.integers(len(heads))
    return n, np.asarray(heads.get(n, 'image')), np.asarray(heads.get(n, 'seg')), heads.get(n, 'points')[:68].astype(np.float64)


def person_in(seg):
    """255 where the classes show the person, else 0."""
    return (seg != SEG['background']).astype(np.uint8) * 255


def cut(image, cover, m, border):
    """The crop of a picture and of its `cover` (255 = the person); what lies outside the picture counts as the person's,
    so that a new background does not spread there."""
    out = warp(cv2.merge([image, cover]), m, border=border, value=(128, 128, 128, 255))
    return np.ascontiguousarray(out[..., :3]), out[..., 3]


def flip(m, width):
    """The crop matrix of a mirrored picture, for the picture itself."""
    return np.column_stack([-m[:, 0], m[:, 1], m[:, 2] + m[:, 0] * width])


def landmark_sample(rng, heads, mirror, plain=False):
    """Image [128,128,3], points [P,2] in crop units, expression, pose, gaze, score (1 face, 0 none)."""
    n, image, seg, _ = pick(rng, heads)
    p = heads.get(n, 'points').astype(np.float64)
    e, pose, gaze = heads.get(n, 'expression'), heads.get(n, 'pose').astype(np.float64), heads.get(n, 'gaze')
    width = image.shape[1]
    if not plain and rng.random() < 0.25:
        image = pale_lips(rng, image, seg)
    if not plain and rng.random() < 0.1 and abs(pose[0]) < 0.9:
        image = facial_hair(rng, image, p)
    negative = not plain and rng.random() < 0.14
    mirrored = not plain and rng.random() < 0.5
    if mirrored:
        p = (p * [-1, 1] + [width, 0])[mirror.points]
        e, pose, gaze = e[mirror.expression], pose * [-1, 1, -1], gaze[[2, 3, 0, 1]] * [-1, 1, -1, 1]
    score = 1.0
    base = eye_angle(p)
    if abs(pose[0]) > 1.0:  # in profile the line through the eyes says little
        base = -pose[2]
    if plain:
        angle, stretch = base + rng.normal(0, 0.08), 1.0
    else:
        k = rng.random()
        tilt = rng.normal(0, 0.09) if k < 0.6 else rng.uniform(-0.44, 0.44) if k < 0.94 else rng.uniform(-1.05, 1.05)
        angle, stretch = base + tilt, np.exp(rng.normal(0, 0.035))
    turn = crop_matrix((0, 0), SIZE, angle)[:, :2]
    box = box_of(p[:68] @ turn.T)
    longer = max(box[2:])
    centre = np.linalg.solve(turn, box[:2] + box[2:] / 2)
    if plain:
        side = longer * CROP * np.exp(rng.normal(0, 0.03))
        centre = centre + rng.normal(0, 0.03, 2) * longer
    elif not negative:
        wild = rng.random() < 0.5
        side = longer * CROP * (np.exp(rng.uniform(np.log(0.75), np.log(1.3))) if wild else np.exp(rng.normal(0, 0.09)))
        centre = centre + (rng.uniform(-0.14, 0.14, 2) if wild else rng.normal(0, 0.03, 2)) * longer
    else:
        score = 0.0
        k = rng.random()
        if k < 0.25:  # far too large or too small, or beside the face
            side = longer * rng.choice([rng.uniform(0.25, 0.6), rng.uniform(3.6, 6.0)])
            centre = centre + rng.uniform(-0.3, 0.3, 2) * longer
        else:
            side = longer * CROP * np.exp(rng.uniform(-0.5, 0.4))
            a = rng.uniform(0, 2 * np.pi)
            centre = centre + np.array([np.cos(a), np.sin(a)]) * rng.uniform(0.75, 1.4) * longer
    m = crop_matrix(centre, side, angle, stretch=stretch)
    if negative and k > 0.5:
        out = backdrop(rng, heads, SIZE, SIZE)
        if k > 0.75:
            parts_of_people(rng, heads, out)
    else:
        out, cover = cut(image, person_in(seg), flip(m, width) if mirrored else m, cv2.BORDER_CONSTANT if rng.random() < 0.7 else cv2.BORDER_REPLICATE)
        if not plain and rng.random() < 0.4:
            out = behind(rng, heads, out, cover)
    p = apply(m, p)
    if not plain:
        if rng.random() < 0.6 and not negative:
            out, p = bend(rng, out, p, rng.uniform(0.004, 0.016))
        if rng.random() < 0.16:
            out, _ = occlude(rng, heads, out)
        out = photograph(rng, out)
    return out, (p / SIZE).astype(np.float32), e, turned_pose(pose, angle).astype(np.float32), gaze, score


def detector_sample(rng, heads, plain=False):
    """Image [128,128,3] and the faces' boxes [n,4] x y w h in its pixels."""
    boxes = []
    kind = 0.0 if plain else rng.random()
    if kind < 0.35:  # one picture, as a portrait photograph: cut anywhere, letterboxed
        _, image, seg, p = pick(rng, heads)
        if not plain and rng.random() < 0.14:
            image = facial_hair(rng, image, p)
        box = box_of(p)
        side = 224 * (1.0 if plain else np.exp(rng.uniform(np.log(0.55), np.log(1.5))))
        centre = np.array([112, 112]) if plain else box[:2] + box[2:] / 2 + rng.uniform(-0.3, 0.3, 2) * max(side - max(box[2:]), 0)
        angle = 0 if plain else rng.normal(0, 0.12) if rng.random() < 0.7 else rng.uniform(-0.8, 0.8)
        m = crop_matrix(centre, side, angle)
        out, cover = cut(image, person_in(seg), m, cv2.BORDER_REPLICATE)
        if not plain and rng.random() < 0.6:
            out = behind(rng, heads, out, cover)
        boxes.append(box_of(apply(m, p)))
        k = 1.0 if plain else rng.random()
        if k < 0.6:  # the bars of a letterbox
            bar = int(rng.uniform(0, 0.24) * SIZE)
            if k < 0.45:
                out[:, :bar] = out[:, SIZE - bar:] = 128
            else:
                out[:bar] = out[SIZE - bar:] = 128
    else:
        out = backdrop(rng, heads, SIZE, SIZE)
        if rng.random() < 0.4:
            out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.5, 4))
        for _ in range(rng.integers(0, 6)):
            shape(rng, out, tuple(int(c) for c in rng.integers(0, 256, 3)), 0.05, 0.7)
        if kind < 0.88:
            heads_among(rng, heads, out, boxes)
        elif rng.random() < 0.7:
            parts_of_people(rng, heads, out)
    if not plain:
        if rng.random() < 0.5:
            out = np.ascontiguousarray(out[:, ::-1])
            for b in boxes:
                b[0] = SIZE - b[0] - b[2]
        if rng.random() < 0.1:
            out, _ = occlude(rng, heads, out)
        out = photograph(rng, out, smallest=70, old=0.35, lines=all(max(b[2:]) > 40 for b in boxes))
    return out, np.array(boxes, np.float32).reshape(-1, 4)


def heads_among(rng, heads, out, boxes):
    """Pastes one to five people into `out`, with little overlap; their boxes go to `boxes`."""
    for _ in range(rng.integers(1, 6)):
        _, image, seg, p = pick(rng, heads)
        box = box_of(p)
        height = np.exp(rng.uniform(np.log(8), np.log(112)))
        m = crop_matrix(box[:2] + box[2:] / 2, box[3] * SIZE / height, rng.normal(0, 0.15) if rng.random() < 0.7 else rng.uniform(-0.8, 0.8))
        m[:, 2] += rng.uniform(0.02, 0.98, 2) * SIZE - SIZE / 2
        b = box_of(apply(m, p))
        mid = b[:2] + b[2:] / 2
        # Faces overlap little, and are mostly inside.
        if (mid < 3).any() or (mid > SIZE - 3).any() or any(np.abs(mid - (o[:2] + o[2:] / 2)).max() < 0.75 * max(*b[2:], *o[2:]) for o in boxes):
            continue
        if np.prod(np.minimum(b[:2] + b[2:], SIZE) - np.maximum(b[:2], 0)) < 0.7 * np.prod(b[2:]):
            continue
        if rng.random() < 0.12:
            image = facial_hair(rng, image, p)
        a = warp(person_in(seg), m, value=0).astype(np.float32)[..., None] / 255
        out[:] = out * (1 - a) + warp(image, m, border=cv2.BORDER_REPLICATE) * a
        boxes.append(b)


def parts_of_people(rng, heads, out):
    """What is skin, hair or cloth but no face: pieces of a picture far from its face, and faces cut to a quarter."""
    for _ in range(rng.integers(1, 4)):
        _, image, _, p = pick(rng, heads)
        box = box_of(p)
        side = rng.uniform(0.25, 0.6) * max(box[2:])
        away = rng.uniform(0, 2 * np.pi)
        reach = 0.5 * box[2:] + 0.5 * side
        centre = box[:2] + box[2:] / 2 + reach * [np.cos(away), np.sin(away)] * rng.uniform(1.0, 1.6)
        size = int(rng.uniform(16, 90))
        piece = warp(image, crop_matrix(centre, side, rng.uniform(0, 2 * np.pi), out=size), out=size, border=cv2.BORDER_REPLICATE)
        x, y = rng.integers(0, SIZE - size + 1, 2)
        out[y:y + size, x:x + size] = piece


FACE_SKIN = np.isin(np.arange(256), [SEG[k] for k in ('face', 'eye', 'mouth', 'lip', 'brow', 'teeth', 'tongue', 'beard')])


def matte_sample(rng, heads, plain=False):
    """Image [128,128,3], targets [128,128,4]: person, hair, face (what moves with the expression), occluder; 0..255."""
    _, image, seg, p = pick(rng, heads)
    # Opened: where the renderer's head and body meet, a line one pixel wide carries the scalp's label.
    hair = cv2.morphologyEx((seg == SEG['hair']).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.merge([(seg != SEG['background']).astype(np.uint8), hair, FACE_SKIN[seg].astype(np.uint8), (seg == SEG['occluder']).astype(np.uint8)]) * 255
    if not plain and rng.random() < 0.12:
        image = facial_hair(rng, image, p)
    box = box_of(p)
    side, centre, angle = max(box[2:]) * 3.2, box[:2] + box[2:] / 2 + [0, 0.35 * box[3]], 0.0
    if not plain:
        side *= np.exp(rng.uniform(np.log(0.55), np.log(1.15)))
        centre = centre + rng.uniform(-0.1, 0.1, 2) * side
        angle = rng.normal(0, 0.1)
    m = crop_matrix(centre, side, angle)
    if not plain and rng.random() < 0.5:
        m = np.vstack([[-m[0, 0], -m[0, 1], SIZE - m[0, 2]], m[1]])  # mirrored
    out = warp(image, m, border=cv2.BORDER_REPLICATE)
    mask = warp(mask, m, border=cv2.BORDER_REPLICATE)
    if not plain:
        if rng.random() < 0.55:
            out = behind(rng, heads, out, mask[..., 0])
        if rng.random() < 0.1:
            out, cover = occlude(rng, heads, out)
            mask = np.where(cover[..., None] > 127, np.array([0, 0, 0, 255], np.uint8), mask)
        out = photograph(rng, out, smallest=60, old=0.35)
    return out, mask
