"""Own video: the motion that `portraoke track` reads from filmed faces, beside an independent tracker's.

    python tracks.py [--shared ../../../shared] [--binary ../../target/debug/portraoke] [--work WORK]

Runs the clips of `shared/assets/clips` through the program and `shared/tools/score_track.py`, and prints for each channel the
correlation r of every clip that moves there, the greatest lag in frames, and jitter beside the tracker's own; then how fast the
faces were followed against the clips' length, and the tracks' bytes a second. ffmpeg, numpy, opencv, onnxruntime. The goals of issue
6: mouth .9, blinks .7, head angles .9, lag 0, jitter below the tracker's own.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHANNELS = ['jawOpen', 'eyeBlinkLeft', 'eyeBlinkRight', 'yaw', 'pitch', 'roll']


def frames(clip, folder):
    """Writes the clip's frames and returns its frame rate."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        subprocess.run(['ffmpeg', '-v', 'error', '-i', clip, '-fps_mode', 'passthrough', folder / '%04d.png'], check=True)
    probe = ['ffprobe', '-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=r_frame_rate', '-of', 'csv=p=0', clip]
    return float(Fraction(subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip().split()[0]))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--shared', type=Path, default=HERE / '../../../shared')
    p.add_argument('--binary', type=Path, default=HERE / '../../target/debug/portraoke')
    p.add_argument('--work', type=Path, help='keeps frames and tracks')
    a = p.parse_args()
    work = a.work or Path(tempfile.mkdtemp())
    table = {name: {} for name in CHANNELS}
    said = {}
    for clip in sorted((a.shared / 'assets/clips').glob('*.mp4')) + sorted((a.shared / 'assets/clips').glob('*.mpg')):
        fps = frames(clip, work / clip.stem)
        track, score = work / f'{clip.stem}.track.json', work / f'{clip.stem}.score.json'
        run = subprocess.run([a.binary, 'track', '--driving', work / clip.stem, '--fps', str(fps), '--out', track],
                             check=True, capture_output=True, text=True)
        said[clip.stem] = json.loads(run.stdout)
        subprocess.run([sys.executable, a.shared / 'tools/score_track.py', clip, track, '--json', score], check=True, capture_output=True)
        for name, row in json.loads(score.read_text()).items():
            table[name][clip.stem] = row
    print(f"{'channel':<15}{'r by clip':<58}{'mean r':>7}{'lag':>7}{'jitter':>8}{'own':>6}")
    for name, rows in table.items():
        moving = {clip: row for clip, row in rows.items() if row['r'] is not None}
        each = '  '.join(f"{clip} {row['r']:.2f}" for clip, row in moving.items())
        mean = sum(abs(row['r']) for row in moving.values()) / max(1, len(moving))
        lag = max((abs(row['lag_frames']) for row in moving.values()), default=0)
        jitter, own = (sum(row[k] for row in rows.values()) / len(rows) for k in ('jitter', 'jitter_oracle'))
        print(f'{name:<15}{each:<58}{mean:>7.2f}{lag:>7.2f}{jitter:>8.3f}{own:>6.3f}')
    seconds = sum(one['seconds'] for one in said.values())
    print(f"followed {seconds:.0f} s in {sum(one['took'] for one in said.values()):.0f} s; "
          f"{sum(one['bytes_per_second'] * one['seconds'] for one in said.values()) / seconds / 1000:.1f} kB a second of track")


if __name__ == '__main__':
    main()
