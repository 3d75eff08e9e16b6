"""The program under test: `portraoke analyse` over many pictures, and what every script here is told on its command line."""
import argparse
import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

REPO = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
NETWORKS = ('face_detector.onnx', 'face_landmarks.onnx', 'person_matte.onnx', 'refiner.onnx')


def shared_folder():
    """The nearest folder `shared` beside the repository or beside one of its parents."""
    at = REPO
    while os.path.dirname(at) != at:
        at = os.path.dirname(at)
        if os.path.isdir(os.path.join(at, 'shared', 'assets')):
            return os.path.join(at, 'shared')
    return os.path.join(REPO, '..', 'shared')


def newest_binary():
    targets = [os.environ.get('CARGO_TARGET_DIR', ''), os.path.join(REPO, 'target')]
    found = [os.path.join(t, p, 'portraoke') for t in targets if t for p in ('debug', 'release')]
    return max(filter(os.path.isfile, found), key=os.path.getmtime, default='portraoke')


def arguments(about):
    """A parser with what all scripts share; `about` is the script's own description."""
    p = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--binary', default=newest_binary(), help='portraoke [newest in target/ or CARGO_TARGET_DIR]')
    p.add_argument('--models', default=os.path.join(REPO, 'models'), help='folder of networks; files it lacks come from models/')
    p.add_argument('--shared', default=shared_folder(), help='folder with assets/ and tools/')
    p.add_argument('--jobs', type=int, default=2, help='processes at once')
    p.add_argument('--look', help='folder for pictures to look at')
    return p


def tools(shared):
    """Makes the shared measuring tools importable: `score_faces`, `facetrack`."""
    sys.path.insert(0, os.path.join(shared, 'tools'))


@functools.cache
def completed(models):
    """A folder with all model files: `models`, or links to its files and to the repository's for what it lacks."""
    own = os.path.join(REPO, 'models')
    wanted = (*NETWORKS, 'head.safetensors')
    if all(os.path.isfile(os.path.join(models, f)) for f in wanted):
        return models
    if not any(os.path.isfile(os.path.join(models, f)) for f in wanted):
        sys.exit(f'{models}: none of {", ".join(wanted)} is here')
    folder = tempfile.mkdtemp(prefix='portraoke-models-')
    atexit.register(shutil.rmtree, folder, True)
    for f in wanted:
        mine = os.path.join(models, f)
        os.symlink(os.path.abspath(mine if os.path.isfile(mine) else os.path.join(own, f)), os.path.join(folder, f))
    return folder


def lines(args, extra, files, folder='.'):
    """The JSON lines of `portraoke analyse EXTRA FILES`, in the files' order, from `args.jobs` processes."""
    if not files:
        return []
    models = os.path.abspath(completed(args.models))
    share = -(-len(files) // max(1, args.jobs))
    parts = [files[i:i + share] for i in range(0, len(files), share)]
    running = []
    for part in parts:
        out, err = tempfile.TemporaryFile('w+'), tempfile.TemporaryFile('w+')
        try:
            process = subprocess.Popen([args.binary, '--models', models, 'analyse', *extra, *part], cwd=folder, stdout=out, stderr=err)
        except OSError as error:
            sys.exit(f'{args.binary}: {error.strerror}; build it with `cargo build --bin portraoke` or name it with --binary')
        running.append((process, out, err))
    found = []
    for process, out, err in running:
        process.wait()
        err.seek(0)
        if process.returncode not in (0, 1):
            sys.exit(f'{args.binary} ended with {process.returncode}: {(err.read().strip().splitlines() or ["no message"])[-1]}')
        out.seek(0)
        found += [json.loads(line) for line in out if line.strip()]
    return found


def analyse(args, files, folder='.'):
    """{file: faces}, each face as `portraoke analyse` prints it, with `p68` and the box as arrays. Files relative to `folder`."""
    out = {}
    for line in lines(args, [], files, folder):
        out[line['file']] = [dict(f, box=np.array(f['box']), p68=np.array(f['landmarks68'])) for f in line['faces']]
    return out


def predictions(found):
    """As score_faces.py reads them."""
    return {k: [dict(box=[float(v) for v in f['box']], score=f['score'], p68=f['p68'].tolist(), iris=f['irises']) for f in v] for k, v in found.items()}


def reference(args, part=''):
    """The labelled photographs: {path below assets/photos: entry}, and their folder."""
    folder = os.path.join(args.shared, 'assets', 'photos')
    with open(os.path.join(folder, 'reference.json')) as f:
        return {k: v for k, v in json.load(f).items() if k.startswith(part)}, folder


def points_of(face):
    """[68,2] of a reference face, nan where the vote disagreed; None where the face has no points."""
    rows = face.get('landmarks')
    return np.array([[np.nan] * 2 if q is None or q[0] is None else q[:2] for q in rows], float) if rows else None


def same_place(a, b):
    """Whether two boxes x, y, w, h stand for one face: middles and sizes near each other."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    s, t = np.sqrt(a[2] * a[3]), np.sqrt(b[2] * b[3])
    off = np.hypot(*(a[:2] + a[2:] / 2 - b[:2] - b[2:] / 2))
    return off < 0.4 * max(s, t) and 0.4 < s / max(t, 1e-6) < 2.5
