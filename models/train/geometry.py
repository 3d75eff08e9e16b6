"""Boxes, crops and rotations. Coordinates are continuous pixels: (0, 0) is the top-left corner of the top-left pixel."""
import cv2
import numpy as np

SIZE = 128  # side of every network's input, pixels


def box_of(p):
    """Tight box of points: x, y, w, h."""
    a, b = p.min(0), p.max(0)
    return np.array([*a, *(b - a)])


def apply(m, p):
    return p @ m[:, :2].T + m[:, 2]


def crop_matrix(centre, side, angle, out=SIZE, stretch=1.0):
    """Picture -> crop pixels; the crop's x axis is turned by `angle` (radians, clockwise as seen). `stretch` widens."""
    c, s = np.cos(angle), np.sin(angle)
    r = np.diag([stretch, 1 / stretch]) @ np.array([[c, s], [-s, c]]) * (out / side)
    return np.hstack([r, (out / 2 - r @ np.asarray(centre, float))[:, None]])


def warp(image, m, out=SIZE, border=cv2.BORDER_CONSTANT, value=(128, 128, 128)):
    """Affine warp in continuous coordinates; shrinks by area first where it would skip pixels."""
    m = m.copy()
    scale = np.sqrt(abs(np.linalg.det(m[:, :2])))
    while scale < 0.6 and min(image.shape[:2]) >= 2:
        h, w = image.shape[:2]
        image = cv2.resize(image, (max(w // 2, 1), max(h // 2, 1)), interpolation=cv2.INTER_AREA)
        m[:, 0] *= w / image.shape[1]
        m[:, 1] *= h / image.shape[0]
        scale *= 2
    m[:, 2] += m[:, :2].sum(1) * 0.5 - 0.5
    return cv2.warpAffine(image, m, (out, out), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=value)


def rotation(yaw, pitch, roll):
    cy, sy, cx, sx, cz, sz = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return ry @ rx @ rz


def turned_pose(pose, angle):
    """Pose seen in a crop whose x axis is turned clockwise by `angle`: the content turns counter-clockwise."""
    r = rotation(0, 0, angle) @ rotation(*pose)
    return np.array([np.arctan2(r[0, 2], r[2, 2]), np.arcsin(np.clip(-r[1, 2], -1, 1)), np.arctan2(r[1, 0], r[1, 1])])


def eye_angle(p):
    """Clockwise turn of the line through the eyes, radians."""
    d = p[42:48].mean(0) - p[36:42].mean(0)
    return np.arctan2(d[1], d[0])
