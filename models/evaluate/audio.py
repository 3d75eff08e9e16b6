"""The mouth that own audio drives: against real talking faces, and against the tracks of songs that sing themselves.

    python audio.py --portraoke ../../target/debug/portraoke \
        [--clips CLIPS --tools TOOLS] [--songs ../../www/songs] [--sheet PICTURES]

`--portraoke` is the native program, which sings the songs and listens to the sounds. CLIPS are video files with
sound, TOOLS the folder with `facetrack.py`, an independent landmark tracker; numpy, scipy, soundfile, and for the clips
opencv and onnxruntime. Clips are for evaluation only.

clips   r of jawOpen with the tracked mouth opening (inner-lip gap over width), best r within 0.3 s and its lag (+ = the
        track is late), then the same for the plain energy envelope of the sound, which is the baseline to beat
songs   the same against the song's own jawOpen, for the voice alone, the stereo mix, the mix as 8 kHz mono, and the mix with
        the band 8.5 dB louder (as loud as the voice); `pbm`: share of the p, b and m of the track at which jawOpen minus
        mouthClose falls below 0.06 (within 50 ms around the phoneme); `false`: share of the time within vowels (30 ms off
        their ends) at which it does; `round`: r of mouthPucker + mouthFunnel
beats   share of the song's beats that the track has within 70 ms, and of the track's beats that the song has (an octave
        of tempo either way costs one of them)
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.ndimage import gaussian_filter1d
from scipy.signal import resample_poly

RATE = 60
OPEN = 0.06  # jawOpen minus mouthClose below which lips look closed
VOWELS = set('aɑæɐʌɛeəɝɪiɨyøœɔoʊu')


def corr(x, y):
    ok = np.isfinite(x) & np.isfinite(y)
    return float(np.corrcoef(x[ok], y[ok])[0, 1]) if ok.sum() > 16 and x[ok].std() > 1e-9 and y[ok].std() > 1e-9 else np.nan


def lagged(truth, ours, rate, reach=0.3):
    """r, best r within `reach` seconds, and its lag in milliseconds."""
    reach = round(reach * rate)
    rs = [corr(truth[max(0, -k):len(truth) - max(0, k)], ours[max(0, k):len(ours) + min(0, k)]) for k in range(-reach, reach + 1)]
    best = int(np.nanargmax(rs)) if np.isfinite(rs).any() else reach
    return corr(truth, ours), rs[best], 1000 * (best - reach) / rate


def energy(samples, rate, times):
    """Plain energy envelope: RMS of 30 ms, compressed as the ear does, smoothed by 25 ms."""
    power = gaussian_filter1d(samples.mean(1).astype(float) ** 2, 0.015 * rate)
    step = max(1, rate // 200)
    envelope = gaussian_filter1d(np.maximum(power[::step], 0) ** 0.3, 5)
    return np.interp(times, np.arange(len(envelope)) * step / rate, envelope)


def listen(program, wav):
    """The track, or None and the sentence."""
    out = wav.with_suffix('.heard.json')
    run = subprocess.run([program, 'track', '--audio', wav, '--out', out], capture_output=True, text=True)
    if run.returncode:
        return None, run.stderr.strip()
    return json.loads(out.read_text()), ' '.join(json.loads(run.stdout)['notes'])


def channel(track, name, times):
    values = np.asarray(track['channels'].get(name, [0.0]), float)
    return np.interp(times, np.arange(len(values)) / track['rate'], values)


def clip(path, a, work):
    import sys
    sys.path.insert(0, str(a.tools))
    import facetrack
    wav = work / f'{path.stem}.wav'
    if subprocess.run(['ffmpeg', '-v', 'error', '-y', '-i', path, '-vn', wav]).returncode:
        return f'{path.name:<24} has no sound'
    video = facetrack.Clip(str(path))
    frames = video.read(range(min(video.n, 600)))
    truth = facetrack.mouth_opening(facetrack.Oracle().track([frames[i] for i in sorted(frames)]))
    times = np.arange(len(truth)) / video.fps
    track, says = listen(a.portraoke, wav)
    samples, rate = soundfile.read(wav, always_2d=True)
    base = lagged(truth, energy(samples, rate, times), video.fps)
    still = '  the mouth hardly moves' if np.nanstd(truth) < 0.03 else ''
    if track is None:
        return f'{path.name:<24} {says}{still}'
    ours = lagged(truth, channel(track, 'jawOpen', times), video.fps)
    return f'{path.name:<24}' + ''.join('{:8.2f}{:8.2f}{:7.0f}'.format(*r) for r in (ours, base)) + f'  {says}{still}'


def variants(samples, rate, dry, loud):
    """Name, samples, rate."""
    yield 'voice', dry, rate
    yield 'mix', samples, rate
    yield 'mix 8k mono', resample_poly(samples.mean(1), 8000, rate)[:, None], 8000
    # The band again, without the voice: what the mix has more than the dry voice (with its room).
    n = min(len(dry), len(samples))
    yield 'loud band', dry[:n] + loud * (samples[:n] - dry[:n]), rate


def song(path, a, work):
    wav, dry, own = work / f'{path.stem}.wav', work / f'{path.stem}.voice.wav', work / f'{path.stem}.json'
    subprocess.run([a.portraoke, 'sing', path, '--wav', dry, '--track', own, '--voice-only'], check=True, capture_output=True)
    subprocess.run([a.portraoke, 'sing', path, '--wav', wav, '--track', own], check=True, capture_output=True)
    truth = json.loads(own.read_text())
    samples, rate = soundfile.read(wav, always_2d=True)
    times = np.arange(len(truth['channels']['jawOpen'])) / truth['rate']
    jaw = channel(truth, 'jawOpen', times)
    lines = []
    for name, sound, sound_rate in variants(samples, rate, soundfile.read(dry, always_2d=True)[0], 10 ** (8.5 / 20)):
        one = work / f'{path.stem}.{name.replace(" ", "-")}.wav'
        soundfile.write(one, 0.9 * sound / np.abs(sound).max(), sound_rate)
        track, says = listen(a.portraoke, one)
        if track is None:
            lines.append(f'{path.stem:<18}{name:<14} {says}')
            continue
        gap = channel(track, 'jawOpen', times) - channel(track, 'mouthClose', times)
        lips = [p for p in truth['phonemes'] if p['symbol'].rstrip('ʲ') in 'pbm']
        near = lambda p, d: (times > p['start'] - d) & (times < p['end'] + d)
        met = np.mean([gap[near(p, 0.05)].min() < OPEN for p in lips])
        within = np.zeros(len(times), bool)
        for p in truth['phonemes']:
            if p['symbol'][0] in VOWELS:
                within |= near(p, -0.03)
        rounding = lambda t: channel(t, 'mouthPucker', times) + channel(t, 'mouthFunnel', times)
        beats, ours = np.array(truth['beats']), np.array(track['beats'])
        beats = beats[beats < times[-1] - 0.1]
        share = lambda x, y: np.mean([np.abs(y - t).min() < 0.07 for t in x]) if len(x) and len(y) else 0.0
        lines.append(f'{path.stem:<18}{name:<14}' + ''.join('{:7.2f}{:7.2f}{:6.0f}'.format(*lagged(jaw, y, RATE)) for y in
                     (channel(track, 'jawOpen', times), energy(sound, sound_rate, times)))
                     + f'{met:7.0%}{np.mean(gap[within] < OPEN):7.0%}{corr(rounding(truth), rounding(track)):7.2f}'
                     + f'{share(beats, ours):7.0%}{share(ours, beats):6.0%}  {says}')
        if a.sheet:
            sheet(a.sheet / f'{path.stem}-{name.replace(" ", "-")}.png', sound, sound_rate, track, truth)
    return '\n'.join(lines)


def sheet(path, samples, rate, track, truth=None, start=2.0, end=12.0):
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ('jawOpen', 'mouthClose', 'mouthPucker', 'mouthFunnel', 'mouthStretchLeft', 'pitch', 'yaw', 'eyeBlinkLeft')
    fig, axes = plt.subplots(len(names) + 1, 1, figsize=(18, 14), sharex=True)
    axes[0].specgram(samples.mean(1), 1024, rate, noverlap=768)
    axes[0].set_ylim(0, min(8000, rate / 2))
    for axis, name in zip(axes[1:], names):
        for t, colour in ((truth, 'tab:gray'), (track, 'tab:red')):
            if t and name in t['channels']:
                axis.plot(np.arange(len(t['channels'][name])) / t['rate'], t['channels'][name], colour)
        axis.set_ylabel(name)
        for beat in track['beats']:
            axis.axvline(beat, color='tab:blue', alpha=0.2)
    for p in (truth or {}).get('phonemes', []):
        if start < p['start'] < end:
            axes[1].text(p['start'], 0.0, p['symbol'])
    axes[0].set_xlim(start, end)
    fig.tight_layout()
    fig.savefig(path)
    plt.close(fig)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--portraoke')
    p.add_argument('--clips', type=Path)
    p.add_argument('--tools', type=Path)
    p.add_argument('--songs', type=Path, default=Path(__file__).resolve().parents[2] / 'www/songs')
    p.add_argument('--sheet', type=Path, help='folder for pictures of spectrogram and channels')
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if a.clips:
            print(f'{"clip":<24}{"r":>8}{"best":>8}{"lag":>7}{"energy":>8}{"best":>8}{"lag":>7}')
            for path in sorted(x for x in a.clips.iterdir() if x.suffix in ('.mp4', '.mpg')):
                print(clip(path, a, work), flush=True)
        if a.portraoke:
            print(f'\n{"song":<18}{"sound":<14}{"r":>7}{"best":>7}{"lag":>6}{"energy":>7}{"best":>7}{"lag":>6}{"pbm":>7}{"false":>7}{"round":>7}{"beats":>7}{"ours":>6}')
            for path in sorted(a.songs.glob('*.musicxml')):
                print(song(path, a, work), flush=True)


if __name__ == '__main__':
    main()
