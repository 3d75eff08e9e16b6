"""Lips that close: the bundled songs on a portrait, frame by frame, and whether p, b and m are seen.

    python closures.py [--binary ../../target/debug/portraoke] [--songs daisy-bell drunken-sailor ...] [--portrait FILE]

Renders each song at 30 frames a second, has the program's own landmarks read the frames, and counts the p, b and m during which the
inner lips are nearer to each other than 6 % of the distance between the eyes; `sync` is the lag, in frames, at which lips that
were drawn and the song's own jaw agree best, and their correlation there. Also the song's seconds sung per second, and the track's bytes.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FPS = 30
CLOSED = 0.06


def correlation(a, b):
    n = len(a)
    ma, mb = sum(a) / n, sum(b) / n
    top = sum((x - ma) * (y - mb) for x, y in zip(a, b))
    return top / max(1e-9, (sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b)) ** 0.5)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--binary', type=Path, default=HERE / '../../target/debug/portraoke')
    p.add_argument('--songs', nargs='*', default=['daisy-bell', 'drunken-sailor', 'la-donna-e-mobile'])
    p.add_argument('--portrait', type=Path, default=HERE / '../../www/portraits/amara.jpg')
    a = p.parse_args()
    total = [0, 0]
    for song in a.songs:
        work = Path(tempfile.mkdtemp())
        track_file = work / 'track.json'
        sung = subprocess.run([a.binary, 'sing', HERE / f'../../www/songs/{song}.mxl', '--wav', work / 'song.wav', '--track', track_file],
                              check=True, capture_output=True, text=True)
        track = json.loads(track_file.read_text())
        subprocess.run([a.binary, 'render', '--source', a.portrait, '--track', track_file, '--fps', str(FPS), '--size', '400', '--out', work / 'frames'],
                       check=True, capture_output=True)
        read = subprocess.run([a.binary, 'analyse', '--video', work / 'frames'], check=True, capture_output=True, text=True)
        gaps = []
        for line in read.stdout.splitlines():
            points = json.loads(line)['faces'][0]['landmarks68']
            distance = lambda i, j: ((points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2) ** 0.5
            gaps.append(distance(62, 66) / distance(36, 45))
        closures = [one for one in track['phonemes'] if one['symbol'] in 'pbm']
        seen = 0
        for one in closures:
            first, last = int(one['start'] * FPS), int(one['end'] * FPS) + 1
            seen += min(gaps[first:last + 1], default=1) < CLOSED
        jaw = track['channels']['jawOpen']
        wanted = [jaw[min(len(jaw) - 1, round(i * track['rate'] / FPS))] for i in range(len(gaps))]
        lags = {k: correlation(wanted[max(0, -k):len(gaps) - max(0, k)], gaps[max(0, k):len(gaps) + min(0, k)]) for k in range(-5, 6)}
        lag = max(lags, key=lags.get)
        said = json.loads(sung.stdout)
        print(f"{song}: {seen} of {len(closures)} p, b, m closed; sync {lag} frames (r {lags[lag]:.2f}); "
              f"sung at {said['speed']:.0f} x real time; track {track_file.stat().st_size / said['seconds'] / 1000:.1f} kB/s", flush=True)
        total = [total[0] + seen, total[1] + len(closures)]
    print(f'together {total[0]} of {total[1]} ({100 * total[0] / max(1, total[1]):.1f} %)')


if __name__ == '__main__':
    main()
