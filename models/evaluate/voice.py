#!/usr/bin/env python3
"""How well the singing voice is understood, in tune and on time, judged by tools that know nothing of how it was made.

    cargo build --bin portraoke
    python3 -m venv venv && venv/bin/pip install numpy scipy pocketsphinx pyworld
    venv/bin/python models/evaluate/voice.py [--voices alto,tenor] [--songs daisy-bell] [--loop] [--verbose]

Sings the English songs of the catalogue, and known English verses retyped onto their tunes, voice alone; some 40 s a
voice on two busy cores. One row a voice:

- words   PocketSphinx's (US English speech) words right: each phrase against a grammar of all lines of all songs.
- bigram  the same against a bigram model of those lines, so that words can be taken for others one by one.
- loop    with --loop: all their words in any order and number; nothing helps but the sound.
- cents   median error of held notes against the semitone, WORLD's DIO, each note's mean over its vibrato; frames:
          the median error of every 5 ms, vibrato and all.
- onset   median and 90th percentile of how far the voice's rise is from the track's vowel, ms, where the sound itself
          shows it: after voiceless consonants and rests.
- lips    share of p, b, m during which the track's lips meet for two of its samples.
- speed   seconds sung a second, native, one core.

Runs `portraoke sing --voice TYPE --voice-only`; its report's `speed` fills the last column.

Goals: words 80 % in English; cents 10; onset 10 ms; lips 98 %; speed 10 in wasm.
"""
import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pyworld
from pocketsphinx import Decoder, get_model_path
from scipy.io import wavfile
from scipy.signal import butter, resample_poly, sosfiltfilt

ROOT = Path(__file__).resolve().parents[2]
VOWELS = set("iɪeɛæaɑɔoʊuʌəɐɝɨyøœɤ")
# Free verses with as many lines as Daisy Bell has phrases, so that each line goes to one (see `Score::with_lyrics`).
VERSES = {
    "twinkle": """Twinkle little star
how I wonder what you are
up above the world
like a diamond in the sky
when the blazing sun is gone
when he nothing shines upon
then you show your little light twinkle twinkle all the night""",
    "row": """Row your boat
gently down the stream
merrily merrily
life is but a dream
should old acquaintance be forgot
and never brought to mind
we'll take a cup of kindness yet for the sake of old lang syne""",
    "birthday": """Happy birthday
happy birthday to you
good morning
good morning to all
my bonnie lies over the ocean
bring back my bonnie to me
mary had a little lamb its fleece was white as snow""",
}


def phrases(track):
    """[(start, end, words)]: runs of syllables without a rest between them."""
    result, word = [], ""
    last = -1.0
    for item in track["words"]:
        if item["start"] - last > 0.08 and not word:
            result.append([item["start"], item["end"], []])
        last = result[-1][1] = item["end"]
        word += item["text"].removesuffix("-")
        if not item["text"].endswith("-"):
            result[-1][2] += re.sub(r"[^a-z' ]", "", word.lower().replace("’", "'")).split()
            word = ""
    return result


def sing(args, score, lyrics, voice, folder):
    wav, track = folder / "voice.wav", folder / "voice.track.json"
    command = [args.binary, "sing", score, "--voice-only", "--wav", wav, "--track", track, "--voice", voice]
    command += ["--lyrics", lyrics] if lyrics else []
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rate, samples = wavfile.read(wav)
    return rate, samples / 32768, json.loads(track.read_text()), said


# --- understanding


def bigrams(lines):
    """An ARPA bigram model with absolute discounting."""
    one, two = {}, {}
    for line in lines:
        words = ["<s>", *line, "</s>"]
        for word in words:
            one[word] = one.get(word, 0) + 1
        for pair in zip(words, words[1:]):
            two[pair] = two.get(pair, 0) + 1
    total = sum(one.values())
    out = ["\\data\\", f"ngram 1={len(one)}", f"ngram 2={len(two)}", "", "\\1-grams:"]
    for word, count in sorted(one.items()):
        seen = [n for (a, _), n in two.items() if a == word]
        out.append(f"{np.log10(count / total):.4f} {word} {np.log10(0.5 * len(seen) / sum(seen)) if seen else 0:.4f}")
    out += ["", "\\2-grams:"]
    for (a, b), n in sorted(two.items()):
        out.append(f"{np.log10((n - 0.5) / sum(m for (x, _), m in two.items() if x == a)):.4f} {a} {b}")
    return "\n".join([*out, "", "\\end\\", ""])


def edits(said, heard):
    """Words of `said` that are not in `heard` in their place, and insertions: the word errors."""
    cost = np.zeros((len(said) + 1, len(heard) + 1), int)
    cost[:, 0], cost[0] = range(len(said) + 1), range(len(heard) + 1)
    for i, a in enumerate(said):
        for j, b in enumerate(heard):
            cost[i + 1, j + 1] = min(cost[i, j] + (a != b), cost[i, j + 1] + 1, cost[i + 1, j] + 1)
    return cost[-1, -1]


class Listener:
    """PocketSphinx with one grammar (JSGF) or model (ARPA), its beams wide: nothing is lost for haste."""

    def __init__(self, folder, name, text):
        path = folder / name
        path.write_text(text)
        what = {"lm": str(path)} if name.endswith(".arpa") else {"jsgf": str(path)}
        # Sung vowels are ten times as long as spoken ones: a beam fit for speech drops the line that is sung.
        beam = 1e-100 if name == "lines.jsgf" else 1e-60
        beams = dict(beam=beam, wbeam=beam, pbeam=beam)
        self.decoder = Decoder(**what, dict=str(folder / "dictionary"), cmn="batch", loglevel="FATAL", **beams)

    def hear(self, samples):
        self.decoder.start_utt()
        self.decoder.process_raw(samples.tobytes(), full_utt=True)
        self.decoder.end_utt()
        found = self.decoder.hyp()
        return [re.sub(r"\(\d+\)", "", word) for word in found.hypstr.split()] if found else []


def grammar(alternatives, loop=False):
    rule = " | ".join(f"({' '.join(words)})" for words in alternatives)
    return f"#JSGF V1.0;\ngrammar g;\npublic <s> = {f'({rule})+' if loop else rule};\n"


def dictionary(words, folder):
    """The recogniser's own pronunciations of these words, written out; returns the words it has."""
    lines = (Path(get_model_path()) / "en-us/cmudict-en-us.dict").read_text().splitlines()
    mine = [line for line in lines if re.sub(r"\(\d+\)", "", line.split()[0]) in words]
    (folder / "dictionary").write_text("\n".join(mine) + "\n")
    return {line.split()[0] for line in mine}


# --- tune and time


def pitch_errors(rate, voice, vowels):
    """Cents between the voice and the nearest semitone of A 440: each held vowel's mean, and every frame's.

    That it is the right semitone is what `tests/song.rs` checks against the score."""
    quick = resample_poly(voice, 1, rate // 16000)
    f0, times = pyworld.dio(quick, 16000, f0_floor=60, f0_ceil=1200, frame_period=5)
    f0 = pyworld.stonemask(quick, f0, times, 16000)
    held, frames = [], []
    for start, end in vowels:
        inside = (times > start + 0.15) & (times < end - 0.08) & (f0 > 0)
        if end - start < 0.4 or inside.sum() < 20:
            continue
        midi = 69 + 12 * np.log2(f0[inside] / 440)
        note = np.round(np.median(midi))
        cents = 100 * (midi - note)
        cents = cents[np.abs(cents) < 150]
        held.append(np.mean(cents))
        frames += list(np.abs(cents))
    return np.abs(held), frames


def onset_errors(rate, voice, track):
    """Milliseconds between a vowel's start in the track and the steepest rise of the voice's low band near it."""
    low = sosfiltfilt(butter(4, [80, 1200], "band", fs=rate, output="sos"), voice)
    power = np.convolve(low**2, np.ones(int(0.012 * rate)) / int(0.012 * rate), "same")
    db = 10 * np.log10(power[:: rate // 1000] + 1e-9)
    errors, before = [], None
    for phone in track["phonemes"]:
        after_silence = before is None or phone["start"] - before["end"] > 0.06
        if phone["symbol"][0] in VOWELS and (after_silence or before["symbol"] in ("p", "t", "k", "s", "f", "θ", "ʃ", "tʃ")):
            at = int(phone["start"] * 1000)
            near = db[at - 60 : at + 80]
            # The middle of the rise, halfway in decibels between what was before and the vowel.
            floor, top = max(near[:40].min(), near.max() - 30), near[60:].max()
            over = np.nonzero(near > (floor + top) / 2)[0]
            if len(over):
                errors.append(over[0] - 60)
        before = phone
    return np.array(errors)


def closures(track):
    jaw, close = (np.array(track["channels"][name]) for name in ("jawOpen", "mouthClose"))
    open_ = jaw - close
    met = []
    for phone in track["phonemes"]:
        if phone["symbol"].rstrip("ʲː") in ("p", "b", "m"):
            span = open_[max(0, int((phone["start"] - 0.05) * track["rate"])) : int(phone["end"] * track["rate"]) + 1]
            met.append(bool(np.any((span[:-1] < 0.01) & (span[1:] < 0.01))))
    return met


def measure(performances, listeners, has, verbose):
    """One row: words right (%) by listener, cents by note and frame, onsets (ms), closures, speeds."""
    said, wrong = 0, np.zeros(len(listeners))
    cents, frames, onsets, lips, speeds = [], [], [], [], []
    for rate, samples, track, report in performances:
        heard = resample_poly(samples, 16000, rate)
        # As loud as speech, with the faint noise of any room.
        noise = np.random.default_rng(0).normal(0, 25, len(heard))
        heard = (heard / np.abs(heard).max() * 20000 + noise).astype(np.int16)
        hush = noise[:6400].astype(np.int16)
        for start, end, words in phrases(track):
            if not set(words) <= has:
                continue
            # The phrase alone, in silence: neither the breath before it nor the next phrase's.
            piece = heard[max(0, int((start - 0.03) * 16000)) : int((end + 0.06) * 16000)]
            piece = np.concatenate([hush, piece, hush])
            answers = [listener.hear(piece) for listener in listeners]
            said += len(words)
            wrong += [min(len(words), edits(words, answer)) for answer in answers]
            if verbose:
                print("  " + " ".join(words), *(" ".join(a) if a != words else "=" for a in answers), sep=" | ")
        vowels = [(p["start"], p["end"]) for p in track["phonemes"] if p["symbol"][0] in VOWELS]
        note, frame = pitch_errors(rate, samples, vowels)
        cents += list(note)
        frames += frame
        onsets += list(np.abs(onset_errors(rate, samples, track)))
        lips += closures(track)
        speeds.append(report.get("speed", np.nan))
    right = 100 * (1 - wrong / max(said, 1))
    return right, np.median(cents), np.median(frames), np.percentile(onsets, [50, 90]), np.mean(lips), np.median(speeds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "target/debug/portraoke")
    parser.add_argument("--voices", default="soprano,alto,tenor,baritone,bass,child")
    parser.add_argument("--songs", help="only these, by comma")
    parser.add_argument("--loop", action="store_true", help="also any words in any order")
    parser.add_argument("--verbose", action="store_true", help="print what was heard of each line")
    args = parser.parse_args()
    catalogue = json.loads((ROOT / "www/songs/catalogue.json").read_text())
    songs = [(entry["id"], ROOT / "www/songs" / entry["file"], None) for entry in catalogue if entry["language"] == "en"]
    songs += [(name, ROOT / "www/songs/daisy-bell.mxl", words) for name, words in VERSES.items()]
    if args.songs:
        songs = [song for song in songs if song[0] in args.songs.split(",")]

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        voices = args.voices.split(",")
        sung = {v: [sing(args, score, lyrics, v, folder) for _, score, lyrics in songs] for v in voices}
        lines = {tuple(words) for _, _, track, _ in sung[voices[0]] for _, _, words in phrases(track)}
        has = dictionary({word for line in lines for word in line}, folder)
        lines = sorted(line for line in lines if set(line) <= has)
        listeners = [Listener(folder, "lines.jsgf", grammar(lines)), Listener(folder, "lines.arpa", bigrams(lines))]
        if args.loop:
            words = sorted({(word,) for line in lines for word in line})
            listeners.append(Listener(folder, "loop.jsgf", grammar(words, loop=True)))
        print(f"{len(lines)} different lines of {len(songs)} songs")
        print("voice      words bigram   loop  cents frames onset  p90  lips speed")
        for voice, performances in sung.items():
            right, cents, frames, onset, lips, speed = measure(performances, listeners, has, args.verbose)
            right = [*right, np.nan][:3]
            print(
                f"{voice:9} {right[0]:5.0f}% {right[1]:5.0f}% {right[2]:5.0f}% {cents:6.1f} {frames:6.1f}"
                f" {onset[0]:5.0f} {onset[1]:4.0f} {100 * lips:4.0f}% {speed:5.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
