"""Writes the bundled songs as MusicXML and catalogue.json, beside this file: python3 write_songs.py

A melody is `pitch:length[:syllable]`, separated by spaces; lengths in quarter notes, `r` a rest, a syllable ending
in `-` is continued in the next, `~` after the length ties to the next note, `'` at a syllable's end is a breath mark,
`_` an elision. A note without a syllable continues the last one (a melisma). `|` is a bar line. Accompaniment bars are
chords: `pitch+pitch:length`.
"""

import json
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
DIVISIONS = 24
TYPES = {Fraction(4): ("whole", 0), Fraction(3): ("half", 1), Fraction(2): ("half", 0), Fraction(3, 2): ("quarter", 1),
         Fraction(1): ("quarter", 0), Fraction(3, 4): ("eighth", 1), Fraction(1, 2): ("eighth", 0), Fraction(1, 4): ("16th", 0)}


def pitch_xml(name, transpose):
    steps = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    alter = {"": 0, "#": 1, "b": -1}[name[1:-1]]
    midi = 12 * (int(name[-1]) + 1) + steps[name[0]] + alter + transpose
    step, alter = [("C", 0), ("D", -1), ("D", 0), ("E", -1), ("E", 0), ("F", 0), ("F", 1), ("G", 0), ("A", -1), ("A", 0), ("B", -1), ("B", 0)][midi % 12]
    return f"<pitch><step>{step}</step>" + (f"<alter>{alter}</alter>" if alter else "") + f"<octave>{midi // 12 - 1}</octave></pitch>"


def notes_xml(bar, transpose, state):
    out = []
    for token in bar.split():
        name, length, *rest = token.split(":", 2)
        tie_start = length.endswith("~")
        length = Fraction(length.rstrip("~"))
        kind, dots = TYPES[length]
        tail = f"<duration>{int(length * DIVISIONS)}</duration>"
        look = f"<type>{kind}</type>" + "<dot/>" * dots
        if name == "r":
            out.append(f"<note><rest/>{tail}{look}</note>")
            continue
        ties = ('<tie type="stop"/>' if state["tied"] else "") + ('<tie type="start"/>' if tie_start else "")
        marks = ('<tied type="stop"/>' if state["tied"] else "") + ('<tied type="start"/>' if tie_start else "")
        state["tied"] = tie_start
        lyric = ""
        if rest:
            text = rest[0]
            if text.endswith("`"):
                text, marks = text[:-1], marks + "<articulations><breath-mark/></articulations>"
            begun, goes_on = state["word"], text.endswith("-")
            syllabic = {(0, 0): "single", (0, 1): "begin", (1, 1): "middle", (1, 0): "end"}[(begun, goes_on)]
            state["word"] = int(goes_on)
            parts = text.rstrip("-").split("_")
            body = "<elision> </elision>".join(f"<text>{escape(part.replace('^', ' '))}</text>" for part in parts)
            lyric = f'<lyric number="1"><syllabic>{syllabic}</syllabic>{body}</lyric>'
        for i, one in enumerate(name.split("+")):
            chord = "<chord/>" if i else ""
            notation = f"<notations>{marks}</notations>" if marks and not i else ""
            out.append(f"<note>{chord}{pitch_xml(one, transpose)}{tail}{ties}{look}{notation}{lyric if not i else ''}</note>")
    return "\n".join(out)


def part_xml(pid, music, song, lead):
    state = {"tied": False, "word": 0}
    bars = [bar.strip() for bar in " ".join(music.split()).split("|")]
    out = [f'<part id="{pid}">']
    for i, bar in enumerate(bars):
        out.append(f'<measure number="{i + 1}">')
        if i == 0:
            beats, unit = song["time"]
            out.append(f"<attributes><divisions>{DIVISIONS}</divisions><key><fifths>{song['fifths']}</fifths></key>"
                       f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>"
                       f"<clef><sign>{song['clef'] if lead else 'F'}</sign><line>{(2 if song['clef'] == 'G' else 4) if lead else 4}</line></clef></attributes>")
        if lead and i in song["tempo"]:
            out.append(f'<direction placement="above"><direction-type><words>{song["tempo"][i][1]}</words></direction-type>'
                       f'<sound tempo="{song["tempo"][i][0]}"/></direction>')
        if lead and i in song.get("dynamics", {}):
            mark = song["dynamics"][i]
            out.append(f"<direction><direction-type><dynamics><{mark}/></dynamics></direction-type></direction>")
        out.append(notes_xml(bar, song["transpose"], state))
        out.append("</measure>")
    out.append("</part>")
    return "\n".join(out), len(bars)


def write(song):
    voice, count = part_xml("P1", song["melody"], song, True)
    band, band_count = part_xml("P2", song["band"], song, False)
    assert count == band_count, (song["id"], count, band_count)
    name, program = song["instrument"]
    xml = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0">
<work><work-title>{escape(song["title"])}</work-title></work>
<identification>
<creator type="composer">{escape(song["composer"])}</creator>
<creator type="lyricist">{escape(song["lyricist"])}</creator>
<rights>{escape(song["why_free"])}</rights>
<encoding><software>Portraoke www/songs/write_songs.py</software></encoding>
<miscellaneous><miscellaneous-field name="year">{song["year"]}</miscellaneous-field></miscellaneous>
</identification>
<defaults><lyric-language xml:lang="{song["language"]}"/></defaults>
<part-list>
<score-part id="P1"><part-name>{song["voice"].capitalize()}</part-name></score-part>
<score-part id="P2"><part-name>{name}</part-name><score-instrument id="P2-I1"><instrument-name>{name}</instrument-name></score-instrument>
<midi-instrument id="P2-I1"><midi-channel>2</midi-channel><midi-program>{program}</midi-program></midi-instrument></score-part>
</part-list>
{voice}
{band}
</score-partwise>
"""
    (HERE / song["file"]).write_text(xml, encoding="utf-8")


def bars(pattern, chords):
    """One bar of accompaniment a chord, `pattern` with b (bass) and c (chord) replaced."""
    return " | ".join(pattern.replace("b:", f"{CHORDS[c][0]}:").replace("f:", f"{CHORDS[c][2]}:").replace("c:", f"{CHORDS[c][1]}:") for c in chords.split())


# bass, chord, fifth in the bass
CHORDS = {
    "C": ("C3", "E3+G3+C4", "G2"), "G7": ("G2", "F3+G3+B3", "D3"), "G": ("G2", "G3+B3+D4", "D3"), "F": ("F2", "F3+A3+C4", "C3"), "D7": ("D3", "F#3+A3+C4", "A2"),
    "Am": ("A2", "E3+A3+C4", "E3"), "E7": ("E2", "E3+G#3+D4", "B2"), "Dm": ("D3", "F3+A3+D4", "A2"), "E": ("E2", "E3+G#3+B3", "B2"), "C7": ("C3", "E3+G3+Bb3", "G2"),
}

DAISY = {
    "id": "daisy-bell", "file": "daisy-bell.musicxml", "title": "Daisy Bell", "language": "en", "year": 1892, "composer": "Harry Dacre", "lyricist": "Harry Dacre",
    "voice": "alto", "why_free": "Published in 1892; the author, Harry Dacre (Frank Dean), died in 1922, so words and music are in the public domain.",
    "time": (3, 4), "fifths": -1, "clef": "G", "transpose": -7 + 12 - 12, "tempo": {0: (208, "Waltz")}, "dynamics": {0: "mf", 17: "f"},
    "instrument": ("Piano", 1),
    # Written in C, an octave above where the alto sings it.
    "melody": """r:3 |
 G5:3:Dai- | E5:3:sy, | C5:3:Dai- | G4:3:sy,` | A4:1:give B4:1:me C5:1:your | A4:2:an- C5:1:swer, | G4:3~:do! | G4:2 r:1 |
 D5:3:I'm | G5:3:half | E5:3:cra- | C5:3:zy,` | A4:1:all B4:1:for C5:1:the | D5:2:love E5:1:of | D5:3~:you! | D5:1 r:1 E5:1:It |
 F5:1:won't E5:1:be D5:1:a | G5:2:styl- E5:1:ish | D5:1:mar- C5:2~:riage, | C5:1 r:1 D5:1:I | E5:2:can't C5:1:af- | A4:2:ford C5:1:a | A4:1:car- G4:2~:riage,| G4:1 r:1 G4:1:But |
 C5:2:you'll E5:1:look | D5:2:sweet G4:1:up- | C5:2:on E5:1:the | D5:1:seat E5:1:of F5:1:a | G5:1:bi- E5:1:cy- C5:1:cle | D5:2:built G4:1:for | C5:3~:two! | C5:2 r:1""",
    "band": bars("b:1 c:1 c:1", "C C C F C F F C G7 G7 G7 C Am Am D7 G G7 G7 C C C C F C C C G C G7 C G7 C") + " | C3+E3+G3+C4:2 r:1",
}
KOROBEINIKI = {
    "id": "korobeiniki", "file": "korobeiniki.musicxml", "title": "Коробейники", "language": "ru", "year": 1861, "composer": "Russian folk tune", "lyricist": "Nikolai Nekrasov",
    "voice": "bass", "why_free": "Words from Nekrasov's poem of 1861 (he died in 1878) to a traditional tune: both are in the public domain.",
    "time": (4, 4), "fifths": -3, "clef": "F", "transpose": -21, "tempo": {0: (140, "Allegro"), 9: (160, "più mosso")}, "dynamics": {0: "mf", 9: "f"},
    "instrument": ("Balalaika", 106),
    # Written in A minor.
    "melody": """r:4 |
 E5:1:Ой, B4:1/2:пол- C5:1/2 D5:1:на, C5:1/2:пол- B4:1/2 | A4:1:на A4:1/2:ко- C5:1/2 E5:1:ро- D5:1/2:буш- C5:1/2:ка,` | B4:3/2:есть C5:1/2:и D5:1:сит- E5:1:цы | C5:1:и A4:1:пар- A4:3/2:ча. r:1/2 |
 D5:3/2:По- F5:1/2:жа- A5:1:лей, G5:1/2:мо- F5:1/2 | E5:3/2:я C5:1/2:за- E5:1:зно- D5:1/2:буш- C5:1/2:ка,` | B4:3/2:мо- C5:1/2:ло- D5:1:дец- E5:1:ко- | C5:1:го A4:1:пле- A4:3/2:ча! r:1/2 |
 E5:1:Вы- B4:1/2:ди, C5:1/2 D5:1:вы- C5:1/2:ди B4:1/2 | A4:1:в^рожь A4:1/2:вы- C5:1/2 E5:1:со- D5:1/2:ку- C5:1/2:ю!` | B4:3/2:Там C5:1/2:до D5:1:ноч- E5:1:ки | C5:1:по- A4:1:го- A4:3/2:жу, r:1/2 |
 D5:3/2:а F5:1/2:за- A5:1:ви- G5:1/2:жу F5:1/2 | E5:3/2:чер- C5:1/2:но- E5:1:о- D5:1/2:ку- C5:1/2:ю,` | B4:3/2:все C5:1/2:то- D5:1:ва- E5:1:ры | C5:1:раз- A4:1:ло- A4:2:жу. | r:4""",
    "band": bars("b:1/2 c:1/2 f:1/2 c:1/2 b:1/2 c:1/2 f:1/2 c:1/2", "Am E7 Am E7 Am Dm C E7 Am E7 Am E7 Am Dm C E7 Am") + " | A2+E3+A3+C4:2 r:2",
}
DONNA = {
    "id": "la-donna-e-mobile", "file": "la-donna-e-mobile.musicxml", "title": "La donna è mobile", "language": "it", "year": 1851, "composer": "Giuseppe Verdi", "lyricist": "Francesco Maria Piave",
    "voice": "tenor", "why_free": "From Rigoletto (1851); Verdi died in 1901 and Piave in 1876, so words and music are in the public domain.",
    "time": (3, 8), "fifths": -2, "clef": "G", "transpose": -14, "tempo": {0: (74, "Allegretto")}, "dynamics": {0: "f"},
    "instrument": ("Guitar", 25),
    # Written in C; the first lines of both stanzas, which share their tune. The middle of each stanza is left out.
    "melody": """r:3/2 |
 E5:1/2:La E5:1/2:don- E5:1/2:na_è | G5:3/4:mo- F5:1/4:bi- D5:1/2:le,` | D5:1/2:qual D5:1/2:piu- D5:1/2:ma_al | F5:3/4:ven- E5:1/4 C5:1/2:to, |
 E5:1/2:mu- D5:1/2:ta A4:1/2:d’ac- | C5:1:cen- B4:1/2:to` | D5:1/2:e C5:1/2:di G4:1/2:pen- | B4:1:sie- A4:1/2:ro. | r:3/2 | r:3/2 |
 E5:1/2:È E5:1/2:sem- E5:1/2:pre | G5:3/4:mi- F5:1/4:se- D5:1/2:ro` | D5:1/2:chi_a D5:1/2:lei D5:1/2:s’af- | F5:3/4:fi- E5:1/4 C5:1/2:da, |
 E5:1/2:chi D5:1/2:le A4:1/2:con- | C5:1:fi- B4:1/2:da` | D5:1/2:mal C5:1/2:cau- G4:1/2:to_il | B4:1:co- A4:1/2:re! | r:3/2 | r:3/2""",
    "band": bars("b:1/2 c:1/2 c:1/2", "C C G7 G7 C D7 G C7 F F G7 C G7 G7 C D7 G C7 F") + " | G2:1/2 F3+G3+B3:1/2 F3+G3+B3:1/2 | C3+G3+C4+E4:1 r:1/2",
}

if __name__ == "__main__":
    songs = [DAISY, KOROBEINIKI, DONNA]
    for song in songs:
        write(song)
    catalogue = HERE / "catalogue.json"
    keys = ["id", "title", "language", "year", "composer", "lyricist", "voice", "file", "why_free"]
    known = {entry["id"]: entry.get("duration") for entry in json.loads(catalogue.read_text())} if catalogue.exists() else {}
    # Durations are those of the performed song, checked by tests/song.rs.
    entries = [{key: song[key] for key in keys} | {"duration": known.get(song["id"])} for song in songs]
    catalogue.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
