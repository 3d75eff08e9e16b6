"""Teaches the mouth's network of own audio (`src/clip/audio/net.rs`) with songs that our own voice sings and speaks.

    cargo build
    python audio.py --portraoke ../../target/debug/portraoke --scores SCORES/*.mxl --work WORK \
        --out ../../src/clip/audio/mouth.weights

SCORES: eight art songs, English, German and Latin (OpenScore Lieder, CC0); the bundled songs (English, Italian, Russian) are
kept for `models/evaluate/audio.py`. `portraoke lessons` performs each in seven ways, four sung and three spoken, with the track as
label. Here they are made to sound like recordings: voices longer and shorter (0.84 to 1.2, by the sample rate), rooms, noise,
microphones and telephones (equalisers), our own band, drums and instruments that the band has not, mono and stereo, stretches
without the voice, and whole recordings without one. `portraoke track --audio --features` makes of that what the page's own code makes of a recording. No recording of a person
is used. Two cores need some 20 minutes; numpy, scipy, soundfile, torch.

The network: 26 numbers a frame (hundredth of a second), three convolutions over five frames at dilations 1, 2 and 4 (it hears
0.14 s to either side), ten values out: jawOpen, mouthFunnel, mouthPucker, mouthStretch, mouthLowerDown, mouthUpperUp,
mouthRollLower, tongueOut as they are, p/b/m closure and voice as logits. It learns from the voices first, then from recordings
without one too, of which only "no voice" is to be learnt. Weights are rounded to 31 values, one step a row: measured, that
changes nothing, and brotli makes 9 kB of them.
"""
import argparse
import json
import struct
import subprocess
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import fftconvolve, resample_poly
from torch import nn
from torch.nn import functional as F

INPUTS, HIDDEN, DILATIONS = 26, 32, (1, 2, 4)
RATE = 32_000  # leaves room for longer and shorter voices
SECONDS = 26
KEYS = ('jawOpen', 'mouthFunnel', 'mouthPucker', 'mouthStretchLeft', 'mouthLowerDownLeft', 'mouthUpperUpLeft', 'mouthRollLower',
        'mouthPressLeft', 'tongueOut')
STRETCH, ROLL, CLOSURE, VOICE = 3, 6, 7, 9
NONE = 'none-'  # lessons have an underscore, these have not
SHAPES = (0, 1, 2, 3, 4, 5, 6, 8)


def load(path):
    x, rate = soundfile.read(path, dtype='float32', always_2d=True)
    g = np.gcd(rate, RATE)
    return resample_poly(x, RATE // g, rate // g, axis=0).astype(np.float32)


def coloured(n, rng, slope):
    """Noise whose power falls with frequency ** slope."""
    spectrum = np.fft.rfft(rng.standard_normal(n)) * np.maximum(np.fft.rfftfreq(n, 1 / RATE), 40) ** (-slope / 2)
    y = np.fft.irfft(spectrum, n)
    return y / y.std()


def drums(n, rng):
    y, beat = np.zeros(n), 60 / rng.uniform(80, 160)
    t = np.arange(RATE // 4) / RATE
    noise, low = rng.standard_normal(len(t)), rng.uniform(45, 70)
    kick = np.sin(2 * np.pi * (low * t + 3 * (1 - np.exp(-20 * t)))) * np.exp(-t / 0.06)
    snare = 0.6 * (noise * np.exp(-t / 0.05) + np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.04))
    hat = 0.4 * np.diff(noise, prepend=0) * np.exp(-t / rng.uniform(0.015, 0.06))
    for i, at in enumerate(np.arange(rng.uniform(0, beat), n / RATE - 0.3, beat / 2)):
        start = int(at * RATE)
        hits = (kick, i % 4 == 0), (snare, i % 4 == 2), (hat, rng.uniform() < 0.8), (kick, rng.uniform() < 0.12)
        for sound in (sound for sound, on in hits if on):
            y[start:start + len(t)] += sound * rng.uniform(0.7, 1)
    return y / (y.std() + 1e-9)


def instruments(n, rng):
    """One to three, with random partials, envelopes and vibrato."""
    y, end = np.zeros(n), n / RATE
    for _ in range(rng.integers(1, 4)):
        at, partials = 0.0, rng.uniform(0, 1, 12) * np.arange(1, 13) ** -rng.uniform(0.3, 2)
        decay, vibrato, base = rng.choice([0.1, 0.3, 1, 9]), rng.uniform(0, 0.006) * (rng.uniform() < 0.4), rng.uniform(36, 72)
        while at < end - 0.02:
            length = rng.choice([0.2, 0.3, 0.4, 0.6, 1.2])
            if rng.uniform() < 0.85:
                t = np.arange(int(min(1.1 * length, end - at) * RATE)) / RATE
                hertz = 440 * 2 ** ((base + rng.choice([0, 2, 4, 5, 7, 9, 12]) - 69) / 12)
                phase = 2 * np.pi * hertz * (t + vibrato * np.sin(2 * np.pi * 5.5 * t) / (2 * np.pi * 5.5))
                wave = sum(a * np.sin((k + 1) * phase) for k, a in enumerate(partials) if (k + 1) * hertz < RATE / 2.2)
                envelope = np.exp(-t / decay) * np.minimum(1, t / rng.uniform(0.003, 0.05)) * np.minimum(1, (t[-1] - t) / 0.03)
                y[int(at * RATE):int(at * RATE) + len(t)] += wave * envelope
            at += length
    return y / (y.std() + 1e-9)


def equalised(x, rng):
    hertz = np.maximum(np.fft.rfftfreq(len(x), 1 / RATE), 20)
    octave = np.log2(hertz / 1000)
    gain = rng.uniform(-3.5, 2.5) * np.clip(octave, -4, 3)
    for _ in range(3):
        gain += rng.uniform(-6, 6) * np.exp(-0.5 * ((octave - rng.uniform(-3, 3)) / rng.uniform(0.4, 1.2)) ** 2)
    if rng.uniform() < 0.25:  # a telephone's upper edge
        edge = rng.uniform(3300, 6000)
        gain -= np.clip((hertz - edge) / edge * 200, 0, 80)
    if rng.uniform() < 0.25:  # and its lower one
        gain -= 18 * np.clip(np.log2(rng.uniform(100, 350) / hertz), 0, 9)
    return np.fft.irfft(np.fft.rfft(x, axis=0) * (10 ** (gain / 20))[:, None], len(x), axis=0)


def recording(voice, band, start, spoken, rng):
    """Sound of one stretch as if recorded, and how much of the voice is left at each sample, 0..1."""
    x = voice[start:start + SECONDS * RATE].copy()
    n = len(x)
    loudness = rng.uniform(-5, 5, int(3 * n / RATE) + 3)
    x *= 10 ** (np.interp(3 * np.arange(n) / RATE, np.arange(len(loudness)), loudness) / 20)
    rms = np.sqrt((x ** 2).mean()) + 1e-6
    left = np.ones(n)
    for _ in range(rng.integers(0, 3)):
        start_of_rest = rng.integers(0, n)
        left[start_of_rest:start_of_rest + int(rng.uniform(1.5, 5) * RATE)] = 0
    ramp = np.hanning(int(0.03 * RATE))
    left = np.convolve(left, ramp / ramp.sum(), 'same')
    x *= left
    y = np.stack([x, x], 1)
    if rng.uniform() < 0.45:
        length = int(rng.uniform(0.15, 1.0) * RATE)
        room = rng.standard_normal((length, 2)) * np.exp(-6.9 * np.arange(length) / length)[:, None]
        room *= 10 ** (rng.uniform(-20, -5) / 20) / np.sqrt((room ** 2).sum(0))
        y += np.stack([fftconvolve(x, room[:, c])[:n] for c in (0, 1)], 1)
    mono = rng.uniform() < 0.5

    def add(other, level):
        nonlocal y
        y = y + other * (rms * 10 ** (level / 20) / (other.std() + 1e-9))

    if not (spoken and rng.uniform() < 0.55):
        if band is not None and rng.uniform() < 0.75:
            own = rng.uniform() < 0.6
            add((band[start:start + n] if own else np.roll(band, rng.integers(len(band)))[:n]), rng.uniform(-18, 2))
        if rng.uniform() < 0.35:
            add(drums(n, rng)[:, None], rng.uniform(-18, 0))
        if rng.uniform() < 0.4:
            pan = rng.uniform(0.3, 1.7)
            add(instruments(n, rng)[:, None] * np.array([pan, 2 - pan]), rng.uniform(-20, -1))
    if rng.uniform() < 0.6:
        add(coloured(n, rng, rng.uniform(0, 2.2))[:, None], rng.uniform(-50, -10))
    if rng.uniform() < 0.7:
        y = equalised(y, rng)
    if mono:
        y = np.repeat(y.mean(1, keepdims=True), 2, 1)
    return 0.8 * y / np.abs(y).max(), left


def lesson(job):
    """Recordings of one performance: features `.f32` and labels `.npy` in `work/seen`."""
    work, portraoke, name, copies = job
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    track = json.loads((work / f'{name}.json').read_text())
    voice = load(work / f'{name}.voice.wav')[:, 0]
    band = load(work / f'{name}.band.wav') if (work / f'{name}.band.wav').exists() else None
    spoken = int(name[-1]) >= 4
    sounding = np.zeros(int(len(voice) / RATE * 100) + 200)
    for p in track['phonemes']:
        sounding[int(100 * p['start']):int(100 * p['end']) + 1] = 1
    starts = np.arange(0, max(1, len(voice) - 8 * RATE), SECONDS * RATE)
    rng.shuffle(starts)
    for start in starts[:12 if spoken else 8]:
        for copy in range(copies):
            sound, left = recording(voice, band, start, spoken, rng)
            warp = rng.uniform(0.84, 1.2)
            path = work / 'seen' / f'{name}_{start // RATE}_{copy}.wav'
            soundfile.write(path, sound, int(RATE * warp), subtype='PCM_16')
            subprocess.run([portraoke, 'track', '--audio', path, '--features', '--out', path.with_suffix('.f32')], check=True)
            path.unlink()
            at = np.arange(int(len(sound) / RATE / warp * 100) + 1) / 100 * warp  # seconds of the lesson
            values = [np.interp((start / RATE + at) * 60, np.arange(len(track['channels'][k])), track['channels'][k]) for k in KEYS]
            values.append(np.interp((start / RATE + at) * 100, np.arange(len(sounding)), sounding))
            np.save(path.with_suffix('.npy'), np.stack(values, 1) * np.interp(at * RATE, np.arange(len(left)), left)[:, None])


def silence(job):
    """A recording without a voice: a band, or instruments, drums and noise."""
    work, portraoke, number, band = job
    rng, n = np.random.default_rng(9000 + number), SECONDS * RATE
    y, gain = np.zeros((n, 2)), lambda low, high: 10 ** (rng.uniform(low, high) / 20)
    if band:
        x = load(band)
        x = x[rng.integers(0, max(1, len(x) - n)):][:n]
        y[:len(x)] += x / (x.std() + 1e-9)
    if rng.uniform() < (0.3 if band else 0.8):
        pan = rng.uniform(0.3, 1.7)
        y += instruments(n, rng)[:, None] * np.array([pan, 2 - pan]) * (gain(-15, 5) if band else 1)
    if rng.uniform() < (0.35 if band else 0.6):
        y += drums(n, rng)[:, None] * gain(-15, 5)
    if rng.uniform() < 0.5 or not y.any():
        y += coloured(n, rng, rng.uniform(0, 2.2))[:, None] * gain(-45, -8)
    if rng.uniform() < 0.7:
        y = equalised(y, rng)
    if rng.uniform() < 0.5:
        y = np.repeat(y.mean(1, keepdims=True), 2, 1)
    warp, path = rng.uniform(0.84, 1.2), work / 'seen' / f'{NONE}{number}.wav'
    soundfile.write(path, 0.8 * y / np.abs(y).max(), int(RATE * warp), subtype='PCM_16')
    subprocess.run([portraoke, 'track', '--audio', path, '--features', '--out', path.with_suffix('.f32')], check=True)
    path.unlink()
    np.save(path.with_suffix('.npy'), np.zeros((int(SECONDS / warp * 100) + 1, 10), np.float32))


def data(folder, pattern):
    """Stretches of six seconds: features [n, 26, 600] and labels [n, 10, 600]."""
    xs, ys = [], []
    for path in sorted(folder.glob(f'{pattern}.npy')):
        x, y = np.fromfile(path.with_suffix('.f32'), np.float32).reshape(-1, INPUTS), np.load(path).astype(np.float32)
        # What `song::motion::mouth` made of the shapes of its phonemes is undone.
        y[:, STRETCH] /= 0.6
        y[:, CLOSURE] = np.clip(y[:, CLOSURE] / 0.28, 0, 1)
        y[:, ROLL] = np.clip(y[:, ROLL] - 0.12 * y[:, CLOSURE], 0, 1)
        y[:, VOICE] = np.clip(y[:, VOICE], 0, 1)
        for at in range(0, min(len(x), len(y)) - 600, 600):
            xs.append(x[at:at + 600].T)
            ys.append(y[at:at + 600].T)
    return torch.from_numpy(np.stack(xs)), torch.from_numpy(np.stack(ys))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = (INPUTS, *[HIDDEN] * len(DILATIONS))
        self.layers = nn.ModuleList(nn.Conv1d(a, b, 5, dilation=d, padding=2 * d) for a, b, d in zip(sizes, sizes[1:], DILATIONS))
        self.out = nn.Conv1d(HIDDEN, 10, 1)

    def forward(self, x):
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.out(x)


def train(net, x, y, epochs, rate, batch=32):
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs * (len(x) // batch), pct_start=0.15)
    spread = y.std((0, 2)).clamp(min=0.07)[None, :, None]
    weight = torch.tensor([3, 1, 1, 1, 0.7, 0.7, 0.7, 0.4])[None, :, None]
    for epoch in range(epochs):
        sums, order = np.zeros(3), torch.randperm(len(x))
        for at in range(0, len(x) - batch + 1, batch):
            chosen = order[at:at + batch]
            out, truth = net(x[chosen])[..., 40:-40], y[chosen][..., 40:-40]
            voice = F.binary_cross_entropy_with_logits(out[:, VOICE], truth[:, VOICE])
            # Without a voice the mouth stays shut whatever the other outputs say.
            sung = (truth[:, VOICE] > 0.3).any(1)
            out, truth = out[sung], truth[sung]
            ours, wanted = out[:, SHAPES] / spread[:, SHAPES], truth[:, SHAPES] / spread[:, SHAPES]
            shapes = (weight * F.smooth_l1_loss(ours, wanted, reduction='none')).mean()
            closure = F.binary_cross_entropy_with_logits(out[:, CLOSURE], truth[:, CLOSURE], pos_weight=torch.tensor(3.0))
            optimiser.zero_grad()
            (shapes + 3 * closure + voice).backward()
            optimiser.step()
            schedule.step()
            sums += [shapes.item(), closure.item(), voice.item()]
        print(epoch, 'shapes {:.4f} closure {:.4f} voice {:.4f}'.format(*sums / (len(x) // batch)), flush=True)


def save(net, path):
    """The layout that `Net::new` reads: for each row of each layer step, bias, and signed bytes [tap][input]."""
    out = b''
    for layer in (*net.layers, net.out):
        for row, bias in zip(layer.weight.detach().numpy(), layer.bias.detach().numpy()):
            step = np.abs(row).max() / 15
            out += struct.pack('<ff', step, bias) + np.round(row / step).astype(np.int8).T.tobytes()
    path.write_bytes(out)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--portraoke', type=Path, required=True, help='the native program')
    p.add_argument('--scores', type=Path, nargs='+', required=True)
    p.add_argument('--work', type=Path, required=True)
    p.add_argument('--out', type=Path, required=True)
    p.add_argument('--copies', type=int, default=4)
    a = p.parse_args()
    torch.manual_seed(1)
    (a.work / 'seen').mkdir(parents=True, exist_ok=True)
    subprocess.run([a.portraoke, 'lessons', '--out', a.work, *a.scores], check=True)
    with ProcessPoolExecutor() as pool:
        list(pool.map(lesson, [(a.work, a.portraoke, x.stem, a.copies) for x in sorted(a.work.glob('*.json'))]))
        bands = sorted(a.work.glob('*.band.wav'))
        list(pool.map(silence, [(a.work, a.portraoke, i, band) for i, band in enumerate(3 * bands + 50 * [None])]))
    net = Net()
    train(net, *data(a.work / 'seen', '*_*'), 20, 4e-3)
    train(net, *data(a.work / 'seen', '*'), 9, 2.5e-3)
    save(net, a.out)


if __name__ == '__main__':
    main()
