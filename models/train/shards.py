"""Shards of synthetic heads, as models/synth/render.py writes them."""
import glob
import os
import re
import zipfile

import numpy as np

# Classes of `seg`.
SEG = dict(background=0, face=1, hair=2, cloth=3, body=4, eye=5, mouth=6, glasses=7, hat=8, ear=9, lip=10, brow=11,
           occluder=12, teeth=13, tongue=14, beard=15)
# Every class but background and cloth.
HEAD = ~np.isin(np.arange(256), (SEG['background'], SEG['cloth']))


def member(path, name):
    """One array of an uncompressed .npz, mapped rather than read: pages are shared between processes."""
    with zipfile.ZipFile(path) as z:
        info = z.getinfo(name + '.npy')
        with z.open(info) as f:
            version = np.lib.format.read_magic(f)
            shape, fortran, dtype = (np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0)(f)
            header = f.tell()
    if info.compress_type != zipfile.ZIP_STORED:
        return np.load(path)[name]
    with open(path, 'rb') as f:
        f.seek(info.header_offset + 26)
        a, b = np.frombuffer(f.read(4), '<u2')
    return np.memmap(path, dtype, 'r', info.header_offset + 30 + int(a) + int(b) + header, shape, 'F' if fortran else 'C')


class Heads:
    """All finished shards of some folders. Shards whose number % 20 == 19 are held out."""

    def __init__(self, folders, held_out=False):
        self.folders, self.held_out, self.shards, self.seen, self.index = folders, held_out, [], set(), []
        self.scan()

    def scan(self):
        for path in sorted(p for folder in self.folders for p in glob.glob(os.path.join(folder, 'shard_*.npz'))):
            number = int(re.search(r'(\d+)\.npz$', path)[1])
            if path in self.seen or (number % 20 == 19) != self.held_out:
                continue
            try:
                s = {k: member(path, k) for k in ('image', 'seg')}
                with np.load(path) as z:
                    s.update({k: z[k] for k in ('points', 'expression', 'pose', 'gaze')})
                    if 'meta' in z:  # render.py writes the subject's left eye first; the networks' contract is the image-left one
                        s['gaze'] = s['gaze'][:, [2, 3, 0, 1]]
            except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError):
                continue  # still being written
            if not np.isfinite(s['points']).all():
                print('not finite:', path)
            self.seen.add(path)
            self.index += [(len(self.shards), i) for i in range(len(s['image']))]
            self.shards.append(s)
        return len(self.index)

    def __len__(self):
        return len(self.index)

    def get(self, n, key):
        s, i = self.index[n]
        return self.shards[s][key][i]
