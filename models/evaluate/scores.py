"""How many of other people's scores are sung: python models/evaluate/scores.py DIR... [--only N] [--portraoke PROGRAM]

Runs `portraoke sing` on every MusicXML file below the folders, or on N of them picked evenly, and prints what came of
it: crashes, songs, and refusals by their sentence. A file has words if a `<lyric>` with text is in it. Needs Python
alone, and `cargo build --bin portraoke`. A corpus of 650 scores comes with `pip install music21` (site-packages/music21/corpus).
"""

import argparse
import collections
import io
import json
import os
import re
import subprocess
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WORDS = re.compile(r"<lyric[^>]*>(?:(?!</lyric>).)*<text[^>]*>\s*[^<\s]", re.S)


def has_words(path):
    data = path.read_bytes()
    try:
        if data.startswith(b"PK"):
            archive = zipfile.ZipFile(io.BytesIO(data))
            data = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(("xml", "musicxml")))
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        return bool(WORDS.search(data.decode(encoding, "replace")))
    except (zipfile.BadZipFile, UnicodeDecodeError):
        return False


def sing(program, path):
    with tempfile.TemporaryDirectory() as out:
        run = subprocess.run([program, "sing", path, "--wav", f"{out}/a.wav", "--track", f"{out}/a.json"], capture_output=True, text=True)
    if run.returncode == 0:
        return "sung", json.loads(run.stdout)["seconds"]
    if "panicked" in run.stderr or run.returncode < 0 or run.returncode == 101:
        return "crashed", run.stderr.strip()
    # Numbers and names of one score are not reasons.
    return "refused", re.sub(r"\d+", "N", run.stderr.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--only", type=int)
    parser.add_argument("--portraoke", default=f"{os.environ.get('CARGO_TARGET_DIR', 'target')}/debug/portraoke")
    args = parser.parse_args()
    files = sorted(p for d in args.folders for p in d.rglob("*") if p.suffix in (".xml", ".mxl", ".musicxml"))
    if args.only and args.only < len(files):
        files = [files[i * len(files) // args.only] for i in range(args.only)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(zip(files, pool.map(has_words, files), pool.map(lambda path: sing(args.portraoke, path), files)))
    worded = [result for _, words, result in results if words]
    sung = sum(kind == "sung" for kind, _ in worded)
    crashed = [(path, why) for path, _, (kind, why) in results if kind == "crashed"]
    print(f"{len(files)} files, {len(crashed)} crashes; of {len(worded)} with words {sung} were sung ({100 * sung / max(len(worded), 1):.1f} %)")
    for path, why in crashed:
        print(f"crashed: {path}: {why}")
    for (words, why), count in collections.Counter((w, why) for _, w, (kind, why) in results if kind == "refused").most_common():
        print(f"{count} {'with' if words else 'without'} words: {why}")


if __name__ == "__main__":
    main()
