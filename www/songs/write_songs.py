"""Writes the bundled songs, compressed MusicXML, and catalogue.json, beside this file: python3 write_songs.py

Each `text/ID.txt` is a song. It begins with `field: value` lines (the catalogue's fields; `time`; `key`, in fifths;
`transpose`, semitones from the music as written here to how it sounds; `tempo` and `dynamics`, by bar from 0). Then:

  sing NAME           A singing part. Bars between `|`, of `PITCH:LENGTH`, length in quarter notes, kept until the next
                      one given; `r` is a rest. After the length: `~` ties to the next note, `!` staccato. After the
                      note: `*` gives it no syllable of its own (a melisma), `,` a breath.
  words               One syllable a note, `-` where a word goes on, `_` between syllables elided into one note,
                      `^` a space inside one.
  play NAME PROGRAM PATTERN   An accompanying part: a chart of chords, one or more a bar (`-` a silent bar, `!C` one
                      chord held through it), each played as the pattern says: b bass, f its fifth below, c chord,
                      1 2 3 single notes of the chord, r rest, with lengths.
  round VOICES BARS   The first singing part is sung by several, each BARS after the one before.
"""

import io
import json
import re
import zipfile
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
DIVISIONS = 48
TYPES = {Fraction(n): look for n, look in {"4": ("whole", 0, 0), "3": ("half", 1, 0), "2": ("half", 0, 0), "3/2": ("quarter", 1, 0),
         "1": ("quarter", 0, 0), "3/4": ("eighth", 1, 0), "1/2": ("eighth", 0, 0), "3/8": ("16th", 1, 0), "1/4": ("16th", 0, 0),
         "1/8": ("32nd", 0, 0), "1/3": ("eighth", 0, 1), "1/6": ("16th", 0, 1), "2/3": ("quarter", 0, 1)}.items()}
STEPS = [("C", 0), ("D", -1), ("D", 0), ("E", -1), ("E", 0), ("F", 0), ("F", 1), ("G", 0), ("A", -1), ("A", 0), ("B", -1), ("B", 0)]
PITCH_CLASS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
QUALITIES = {"": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 10), "m7": (0, 3, 10), "dim": (0, 3, 6)}
FIELDS = ["id", "title", "language", "year", "composer", "lyricist", "voice", "mood", "file", "source", "why_free"]


def midi(name):
    return 12 * (int(name[-1]) + 1) + PITCH_CLASS[name[0]] + {"": 0, "#": 1, "b": -1}[name[1:-1]]


def root_class(name):
    return PITCH_CLASS[name[0]] + {"#": 1, "b": -1}.get(name[1:2], 0)


def chord(name, transpose):
    """Bass (E2 to D#3), its lower fifth, and three notes around middle C, as MIDI numbers, sounding."""
    root, quality, bass = re.fullmatch(r"([A-G][#b]?)(m7|m|7|dim)?(?:/([A-G][#b]?))?", name).groups()
    low = (root_class(bass or root) + transpose - 40) % 12 + 40
    tones = [(root_class(root) + step + transpose - 55) % 12 + 55 for step in QUALITIES[quality or ""]]
    fifth = (root_class(root) + QUALITIES[quality or ""][2] * (quality not in ("7", "m7")) + transpose - 36) % 12 + 36
    return low, (fifth if quality not in ("7", "m7") else fifth + (7 if fifth < 43 else -5)), sorted(tones)


def sung_bars(lines, words, transpose):
    """Bars of (pitches, length, marks, lyric); pitches are sounding MIDI numbers."""
    words, length, tied, bars = iter(words), Fraction(1), False, []
    for bar in " ".join(lines).split("|"):
        out = []
        for token in bar.split():
            pitch, digits, marked, held, breath = re.fullmatch(r"([A-Gr][#b]?\d?)(?::([\d/]+))?([~!]*)(\*?)(,?)", token).groups()
            length = Fraction(digits) if digits else length
            marks = {"tie": "~" in marked, "staccato": "!" in marked, "breath": bool(breath)}
            lyric = None if pitch == "r" or held or tied else next(words, None)
            assert lyric or pitch == "r" or held or tied, f"bar {len(bars)} has more notes than syllables"
            tied = marks["tie"]
            out.append(([] if pitch == "r" else [midi(pitch) + transpose], length, marks, lyric))
        bars.append(out)
    left = list(words)
    assert not left, f"no notes for {' '.join(left)}"
    return bars


def played_bars(lines, pattern, transpose, lengths):
    bars = []
    pattern = [token.split(":") for token in pattern.split()]
    pattern = [(name, Fraction(length)) for name, length in pattern]
    for chart, total in zip(" ".join(lines).split("|"), lengths, strict=True):
        names = chart.split()
        if names == ["-"]:
            bars.append([([], total, {}, None)])
        elif names[0].startswith("!"):
            bass, _, tones = chord(names[0][1:], transpose)
            bars.append([([bass, *tones], total, {}, None)])
        else:
            out, at, k = [], Fraction(0), 0
            while at < total:
                name, length = pattern[k % len(pattern)]
                bass, fifth, tones = chord(names[int(at * len(names) / total)], transpose)
                notes = {"b": [bass], "f": [fifth], "c": tones, "r": [], "a": [bass, *tones]} | {str(i + 1): [tone] for i, tone in enumerate(tones)}
                out.append((notes[name], min(length, total - at), {}, None))
                at, k = at + length, k + 1
            bars.append(out)
    return bars


def note_xml(pitches, length, marks, lyric, state):
    kind, dots, tuplet = TYPES[length]
    tail = f"<duration>{int(length * DIVISIONS)}</duration>"
    look = f"<voice>1</voice><type>{kind}</type>" + "<dot/>" * dots
    if tuplet:
        look += "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
    if not pitches:
        return f"<note><rest/>{tail}{look}</note>"
    stop, start = state["tied"], marks.get("tie", False)
    state["tied"] = start
    ties = '<tie type="stop"/>' * stop + '<tie type="start"/>' * start
    notations = '<tied type="stop"/>' * stop + '<tied type="start"/>' * start
    articulations = "<staccato/>" * marks.get("staccato", False) + "<breath-mark/>" * marks.get("breath", False)
    if articulations:
        notations += f"<articulations>{articulations}</articulations>"
    words = ""
    if lyric is not None:
        begun, goes_on = state["word"], lyric.endswith("-")
        state["word"] = goes_on
        syllabic = {(0, 0): "single", (0, 1): "begin", (1, 1): "middle", (1, 0): "end"}[(begun, goes_on)]
        body = "<elision> </elision>".join(f"<text>{escape(part.replace('^', ' '))}</text>" for part in lyric.rstrip("-").split("_"))
        words = f"<lyric number=\"1\"><syllabic>{syllabic}</syllabic>{body}</lyric>"
    out = []
    for i, pitch in enumerate(pitches):
        step, alter = STEPS[pitch % 12]
        name = f"<pitch><step>{step}</step>" + f"<alter>{alter}</alter>" * bool(alter) + f"<octave>{pitch // 12 - 1}</octave></pitch>"
        first = (f"<notations>{notations}</notations>" * bool(notations) + words) if i == 0 else ""
        out.append(f"<note>{'<chord/>' * bool(i)}{name}{tail}{ties}{look}{first}</note>")
    return "".join(out)


def by_bar(text):
    """"0 208 Waltz, 9 160 più mosso" as {0: ("208", "Waltz"), ...}."""
    entries = [entry.strip().split(" ", 2) for entry in text.split(",")] if text else []
    return {int(entry[0]): (entry[1], entry[2] if len(entry) > 2 else "") for entry in entries}


def part_xml(pid, bars, song, lead, clef):
    state = {"tied": False, "word": False}
    tempo, dynamics = by_bar(song.get("tempo")), by_bar(song.get("dynamics"))
    out = [f'<part id="{pid}">']
    for i, bar in enumerate(bars):
        out.append(f'<measure number="{i + 1}">')
        if i == 0:
            beats, unit = song["time"].split("/")
            out.append(f"<attributes><divisions>{DIVISIONS}</divisions><key><fifths>{song['key']}</fifths></key>"
                       f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>{clef}</attributes>")
        if lead and i in tempo:
            words = f"<words>{tempo[i][1]}</words>"
            out.append(f'<direction placement="above"><direction-type>{words}</direction-type><sound tempo="{tempo[i][0]}"/></direction>')
        if i in dynamics:
            mark = dynamics[i][0]
            kind = f'<wedge type="{mark}"/>' if mark in ("crescendo", "diminuendo", "stop") else f"<dynamics><{mark}/></dynamics>"
            out.append(f"<direction><direction-type>{kind}</direction-type></direction>")
        out += [note_xml(*note, state) for note in bar]
        out.append("</measure>")
    out.append("</part>")
    return "\n".join(out)


def read(path):
    song, blocks = {"id": path.stem}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        field = re.fullmatch(r"(\w+): (.*)", line)
        if field and not blocks:
            song[field[1]] = field[2]
        elif line and not line.startswith(" "):
            blocks.append((line.split(), []))
        elif line.strip():
            blocks[-1][1].append(line.strip())
    return song, blocks


def write(path):
    song, blocks = read(path)
    transpose = int(song.get("transpose", 0))
    parts = []
    for k, (head, lines) in enumerate(blocks):
        if head[0] == "sing":
            words = " ".join(blocks[k + 1][1]).split()
            parts.append((" ".join(head[1:]), None, sung_bars(lines, words, transpose)))
            lengths = [sum(note[1] for note in bar) for bar in parts[-1][2]]
        elif head[0] == "round":
            name, _, bars = parts.pop()
            voices, step = int(head[1]), int(head[2])
            silence = [([], lengths[0], {}, None)]
            for voice in range(voices):
                before, after = voice * step, (voices - 1 - voice) * step
                parts.append((f"{name} {voice + 1}", None, [silence] * before + bars + [silence] * after))
            lengths = [lengths[0]] * (len(bars) + (voices - 1) * step)
        elif head[0] == "play":
            at = next(i for i, word in enumerate(head) if word.isdigit())
            bars = played_bars(lines, " ".join(head[at + 1 :]), transpose, lengths)
            parts.append((" ".join(head[1:at]), int(head[at]), bars))
    counts = {len(bars) for _, _, bars in parts}
    assert len(counts) == 1, (song["id"], counts)
    listed, written = [], []
    for i, (name, program, bars) in enumerate(parts):
        pid = f"P{i + 1}"
        low = program is not None or song["voice"] in ("tenor", "bass")
        clef = "<clef><sign>F</sign><line>4</line></clef>" if low else "<clef><sign>G</sign><line>2</line></clef>"
        instrument = "" if program is None else (
            f'<score-instrument id="{pid}-I1"><instrument-name>{name}</instrument-name></score-instrument>'
            f'<midi-instrument id="{pid}-I1"><midi-channel>{i + 1}</midi-channel><midi-program>{program}</midi-program></midi-instrument>')
        listed.append(f'<score-part id="{pid}"><part-name>{name}</part-name>{instrument}</score-part>')
        written.append(part_xml(pid, bars, song, i == 0, clef))
    xml = "\n".join(["""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0">""",
        f"<work><work-title>{escape(song['title'])}</work-title></work>",
        f"<identification><creator type=\"composer\">{escape(song['composer'])}</creator>",
        f"<creator type=\"lyricist\">{escape(song['lyricist'])}</creator>",
        f"<rights>{escape(song['why_free'])}</rights><source>{escape(song['source'])}</source>",
        "<encoding><software>Portraoke www/songs/write_songs.py</software></encoding></identification>",
        f"<defaults><lyric-language xml:lang=\"{song['language']}\"/></defaults>",
        "<part-list>", *listed, "</part-list>", *written, "</score-partwise>", ""])
    song["file"] = f"{song['id']}.mxl"
    container = ('<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.xml" '
                 'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n')
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in (("META-INF/container.xml", container), ("score.xml", xml)):
            # One date for all, so that the same song is the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)
    (HERE / song["file"]).write_bytes(packed.getvalue())
    return song


def main():
    catalogue = HERE / "catalogue.json"
    known = {entry["id"]: entry for entry in json.loads(catalogue.read_text(encoding="utf-8"))}
    entries = []
    for song in sorted((write(path) for path in (HERE / "text").glob("*.txt")), key=lambda song: int(song["order"])):
        entry = {key: int(song[key]) if key == "year" else song[key] for key in FIELDS}
        # Duration and the head's range (yaw, pitch, roll; radians) are those of the performed song: tests/song.rs says what
        # they are when they change.
        performed = known.get(song["id"], {})
        entry["duration"] = performed.get("duration", 0)
        if "name" in song:
            entry["name"] = {"default": song["name"]}
        entry["head"] = performed.get("head", {"low": [0, 0, 0], "high": [0, 0, 0]})
        entries.append(entry)
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    # Three numbers need no five lines.
    text = re.sub(r"\[\s+(-?[\d.]+),\s+(-?[\d.]+),\s+(-?[\d.]+)\s+\]", r"[\1, \2, \3]", text)
    catalogue.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
