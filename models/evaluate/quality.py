"""Self-reenactment: frame 0 of each film is the portrait, the rest drives it, so what comes out should equal what went in.

    python quality.py [--work out/quality] [--sequences DIR] [--look SHEETS]

Runs `portraoke reenact` with and without the refiner over the real clips of ../shared/assets/clips and over 20 films of
synthetic people that no network learnt from (rendered once by models/synth/sequences.py), scores both with
../shared/tools/score_reenact.py beside its two baselines, and writes sheets: the film above, ours below."""
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

import program

# Seed of the films that are kept from training, and what they look like.
HELD_OUT = dict(seed=900, count=20, frames=40, size=384)
COLUMNS = ['psnr', 'ssim', 'psnr_mouth', 'psnr_eyes', 'akd', 'mouth_r', 'eye_r', 'jitter_ex', 'bg_diff', 'sharp', 'miss']


def frames_of_clips(shared, work):
    """A folder of frames for each real clip; none where the shared folder is absent."""
    clips = os.path.join(shared, 'assets', 'clips')
    out = os.path.join(work, 'clips')
    for name in sorted(os.listdir(clips)) if os.path.isdir(clips) else []:
        folder = os.path.join(out, os.path.splitext(name)[0])
        if not os.path.isdir(folder):
            os.makedirs(folder)
            frames = os.path.join(folder, '%04d.png')
            subprocess.run(['ffmpeg', '-v', 'error', '-i', os.path.join(clips, name), '-fps_mode', 'passthrough', frames], check=True)
    return out if os.path.isdir(out) else None


def synthetic_films(work, shared):
    out = os.path.join(work, 'sequences')
    script = os.path.join(program.REPO, 'models', 'synth', 'sequences.py')
    options = [word for name, value in HELD_OUT.items() for word in (f'--{name}', str(value))]
    environment = {**os.environ, 'PORTRAOKE_ASSETS': os.path.join(shared, 'assets')}
    made = subprocess.run([sys.executable, script, '--out', out, *options], env=environment)
    return out if made.returncode == 0 else None


def reenact(a, films, out, options):
    """Every film of a folder, itself driving its first frame."""
    def one(name):
        folder = os.path.join(films, name)
        first = sorted(f for f in os.listdir(folder) if f.endswith('.png'))[0]
        where = ['--source', os.path.join(folder, first), '--driving', folder, '--fps', '25', '--out', os.path.join(out, name)]
        return name, subprocess.run([a.binary, '--models', a.models, 'reenact', *where, *options], capture_output=True, text=True)

    shutil.rmtree(out, ignore_errors=True)
    names = sorted(n for n in os.listdir(films) if os.path.isdir(os.path.join(films, n)))
    with ThreadPoolExecutor(a.jobs) as pool:
        for name, done in pool.map(one, names):
            if done.returncode:
                print(f'{name}: {done.stderr.splitlines()[-1]}', file=sys.stderr)


def score(a, films, out, baselines=()):
    result = out.rstrip('/') + '.json'
    tool = os.path.join(a.shared, 'tools', 'score_reenact.py')
    command = [sys.executable, tool, '--driving', films, '--output', out, '--json', result, '--jobs', str(a.jobs)]
    subprocess.run(command + (['--baseline', *baselines] if baselines else []), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(result) as file:
        return json.load(file)


def sheet(films, out, path, columns=6, height=240):
    """The film above, ours below, for each film of a folder."""
    rows = []
    for name in sorted(os.listdir(out)):
        files = sorted(f for f in os.listdir(os.path.join(films, name)) if f.endswith('.png'))
        chosen = [files[i] for i in np.linspace(1, len(files) - 1, columns).round().astype(int)]
        for folder in (films, out):
            pictures = [cv2.imread(os.path.join(folder, name, f)) for f in chosen]
            rows.append([cv2.resize(p, (height * p.shape[1] // p.shape[0], height), interpolation=cv2.INTER_AREA) for p in pictures])
    # A page holds five films.
    for page, start in enumerate(range(0, len(rows), 10)):
        lines = [np.hstack(row) for row in rows[start:start + 10]]
        width = max(line.shape[1] for line in lines)
        padded = [np.pad(line, ((0, 0), (0, width - line.shape[1]), (0, 0))) for line in lines]
        cv2.imwrite(f'{path}_{page}.png', np.vstack(padded))


def row(name, figures):
    cell = lambda column: 'n/a' if figures.get(column) is None else f'{figures[column]:.3f}'
    print(f'{name:<28}' + ''.join(f'{cell(column):>11}' for column in COLUMNS), flush=True)


def main():
    p = program.arguments(__doc__)
    p.add_argument('--work', default=os.path.join(program.REPO, 'out', 'quality'), help='folder for frames and results')
    p.add_argument('--sequences', help='folder of synthetic films already rendered')
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    if not os.path.isdir(os.path.join(a.shared, 'tools')):
        sys.exit(f'{a.shared} has no tools/score_reenact.py: this measurement needs the shared folder')
    sets = {'clips': frames_of_clips(a.shared, a.work), 'synthetic': a.sequences or synthetic_films(a.work, a.shared)}
    print(' ' * 28 + ''.join(f'{column:>11}' for column in COLUMNS))
    for kind, films in sets.items():
        if not films:
            print(f'{kind}: none here')
            continue
        scored = {}
        for way, options in {'refined': [], 'geometry alone': ['--no-refiner']}.items():
            out = os.path.join(a.work, f'{kind}-{way.split()[0]}')
            reenact(a, films, out, options)
            scored[way] = score(a, films, out, ('static', 'tps') if way == 'refined' else ())
            if a.look:
                os.makedirs(a.look, exist_ok=True)
                sheet(films, out, os.path.join(a.look, f'{kind}-{way.split()[0]}'))
        for name, figures in scored['refined']['output']['clips'].items():
            if kind == 'clips':
                row(f'  {name}', figures)
        for name, figures in (('refined', scored['refined']['output']), ('geometry alone', scored['geometry alone']['output']),
                              ('source repeated', scored['refined']['static']), ('thin-plate warp', scored['refined']['tps'])):
            row(f'{kind}: {name}', figures['mean'])


if __name__ == '__main__':
    main()
