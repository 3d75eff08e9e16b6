"""Writes mandarin.txt, the pinyin of the common characters: python build_mandarin.py

Needs `pip install pypinyin` (MIT; its readings come from the Unihan database, Unicode licence). The characters are
those of GB 2312 level 1 (3,755 simplified) and Big5 level 1 (5,401 traditional). Tones are left out: a melody sings
its own. A character with several readings has its commonest; FIXED are those whose commonest reading in songs differs
from pypinyin's first.
"""

from pathlib import Path

from pypinyin import Style, pinyin

FIXED = {"着": "zhe", "著": "zhe", "了": "le", "的": "de", "地": "di", "得": "de", "都": "dou", "还": "hai", "還": "hai", "长": "chang", "長": "chang",
         "乐": "le", "樂": "le", "行": "xing", "重": "chong", "谁": "shei", "誰": "shei", "那": "na", "哪": "na", "么": "me", "麼": "me", "呢": "ne", "吗": "ma", "嗎": "ma", "啊": "a",
         "和": "he", "没": "mei", "沒": "mei", "说": "shuo", "說": "shuo", "色": "se", "血": "xue", "落": "luo", "露": "lu", "薄": "bao", "绿": "lü", "綠": "lü"}


def level_one():
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes([high, low]).decode("gb2312")
            except UnicodeDecodeError:
                pass
    for high in range(0xA4, 0xC7):
        for low in [*range(0x40, 0x7F), *range(0xA1, 0xFF)]:
            if (high, low) <= (0xC6, 0x7E):
                try:
                    yield bytes([high, low]).decode("big5")
                except UnicodeDecodeError:
                    pass


table = {}
for character in sorted(set(level_one())):
    syllable = FIXED.get(character) or pinyin(character, style=Style.NORMAL, v_to_u=True)[0][0]
    if syllable != character:
        table.setdefault(syllable, []).append(character)
lines = [f"{syllable} {''.join(characters)}" for syllable, characters in sorted(table.items())]
Path(__file__).with_name("mandarin.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
