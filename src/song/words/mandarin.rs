//! Mandarin: characters to pinyin by a table, pinyin to phones by initial and final. Tones are the melody's.
//!
//! Finals after Duanmu, "The Phonology of Standard Chinese" (2007).

use super::phoneme::{Phone, phones};
use std::collections::HashMap;
use std::sync::LazyLock;

/// `syllable characters`, one a line, written by `lexicon/build_mandarin.py`.
const TABLE: &str = include_str!("lexicon/mandarin.txt");

static CHARACTERS: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| line.split_once(' '));
    lines.flat_map(|(syllable, characters)| characters.chars().map(move |c| (c, syllable))).collect()
});

/// Initials, longest first, and their phones. The plain stops have next to no breath, which a voiced stop is nearest to.
const INITIALS: &[(&str, &str)] = &[
    ("zh", "ʈʂ"),
    ("ch", "ʈʂʰ"),
    ("sh", "ʂ"),
    ("b", "b"),
    ("p", "p"),
    ("m", "m"),
    ("f", "f"),
    ("d", "d"),
    ("t", "t"),
    ("n", "n"),
    ("l", "l"),
    ("g", "ɡ"),
    ("k", "k"),
    ("h", "x"),
    ("j", "tɕ"),
    ("q", "tɕʰ"),
    ("x", "ɕ"),
    ("r", "ɻ"),
    ("z", "ts"),
    ("c", "tsʰ"),
    ("s", "s"),
];

/// A Chinese character.
pub(in crate::song) fn is_character(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Pronounces a normalised word of characters, or of pinyin with or without tone marks.
pub(super) fn pronounce(word: &str) -> Vec<Phone> {
    let mut out = Vec::new();
    for piece in split(word) {
        let syllable = match piece.chars().next() {
            Some('〇') => Some("ling".to_owned()),
            // A rare character is sung on a vowel that fits anywhere.
            Some(c) if is_character(c) => Some(CHARACTERS.get(&c).copied().unwrap_or("a").to_owned()),
            _ => Some(plain(&piece)),
        };
        if let Some(ipa) = syllable.and_then(|s| syllable_phones(&s)) {
            out.extend(phones(&ipa));
        }
    }
    out
}

/// Cuts a word into syllables: each character is one, and a run of pinyin into as few as it can be read as.
pub(super) fn split(word: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut run = String::new();
    for c in word.chars().chain([' ']) {
        if is_character(c) || matches!(c, '\'' | '’' | ' ') {
            pieces.extend(split_pinyin(&std::mem::take(&mut run)));
            if is_character(c) {
                pieces.push(c.to_string());
            }
        } else {
            run.push(c);
        }
    }
    pieces
}

/// Cuts letters into pinyin syllables, the longest first where the rest can still be read; what cannot stays whole.
fn split_pinyin(run: &str) -> Vec<String> {
    fn cut(letters: &[char], depth: u32) -> Option<Vec<usize>> {
        if letters.is_empty() {
            return Some(Vec::new());
        }
        // Nobody types a hundred syllables without a space.
        if depth > 100 {
            return None;
        }
        (1..=letters.len().min(6)).rev().find_map(|n| {
            let syllable: String = letters[..n].iter().collect();
            syllable_phones(&plain(&syllable))?;
            let mut rest = cut(&letters[n..], depth + 1)?;
            rest.insert(0, n);
            Some(rest)
        })
    }
    // Longer runs are no pinyin, and reading them every way would take for ever.
    let letters: Vec<char> = run.chars().collect();
    if letters.is_empty() {
        return Vec::new();
    }
    let lengths = if letters.len() <= 24 { cut(&letters, 0) } else { None };
    let mut rest = letters.as_slice();
    let mut pieces = Vec::new();
    for n in lengths.unwrap_or_else(|| vec![letters.len()]) {
        pieces.push(rest[..n].iter().collect());
        rest = &rest[n..];
    }
    pieces
}

/// Whether a word can be read as pinyin.
pub(super) fn is_pinyin(word: &str) -> bool {
    let pieces = split(word);
    !pieces.is_empty() && pieces.iter().all(|piece| syllable_phones(&plain(piece)).is_some())
}

/// Small letters without tone marks; v stands for ü, as it is typed.
fn plain(syllable: &str) -> String {
    let letter = |c: char| match c {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'v' => 'ü',
        other => other,
    };
    syllable.to_lowercase().chars().filter(|c| !c.is_ascii_digit()).map(letter).collect()
}

/// The phones of one pinyin syllable without tone; none if there is no such syllable.
fn syllable_phones(syllable: &str) -> Option<String> {
    // y and w write i and u at a syllable's start.
    let spelled = match syllable {
        "yi" | "ya" | "yan" | "yang" | "yao" | "ye" | "yo" | "yin" | "ying" | "yong" => {
            let rest = &syllable[1..];
            if rest.starts_with('i') { rest.to_owned() } else { format!("i{rest}") }
        }
        "you" => "iu".to_owned(),
        "yu" | "yue" | "yuan" | "yun" => format!("ü{}", &syllable[2..]),
        "wu" => "u".to_owned(),
        "wei" => "ui".to_owned(),
        "wen" => "un".to_owned(),
        "weng" => "ueng".to_owned(),
        "wa" | "wo" | "wai" | "wan" | "wang" => format!("u{}", &syllable[1..]),
        _ if syllable.starts_with(['y', 'w']) => return None,
        other => other.to_owned(),
    };
    let initial = INITIALS.iter().find(|(letters, _)| spelled.starts_with(letters));
    let (letters, onset) = initial.copied().unwrap_or(("", ""));
    let rest = &spelled[letters.len()..];
    let palatal = matches!(letters, "j" | "q" | "x");
    let hissing = matches!(letters, "zh" | "ch" | "sh" | "r" | "z" | "c" | "s");
    // After j, q and x a u is written for ü.
    let rest = match rest.strip_prefix('u').filter(|_| palatal) {
        Some(tail) => format!("ü{tail}"),
        None => rest.to_owned(),
    };
    if palatal && !rest.starts_with(['i', 'ü']) {
        return None;
    }
    let rounded = matches!(letters, "b" | "p" | "m" | "f");
    let sound = match rest.as_str() {
        "i" if hissing => "ɨ",
        "i" => "i",
        "a" => "a",
        "o" if rounded => "w o",
        "o" => "o",
        "e" => "ɤ",
        "u" => "u",
        "ü" => "y",
        "ai" => "aɪ",
        "ei" => "eɪ",
        "ao" => "aʊ",
        "ou" => "oʊ",
        "an" => "a n",
        "en" => "ə n",
        "ang" => "a ŋ",
        "eng" => "ɤ ŋ",
        "ong" => "ʊ ŋ",
        "er" if letters.is_empty() => "ɝ",
        "ia" => "j a",
        "ie" => "j ɛ",
        "io" => "j o",
        "iao" => "j aʊ",
        "iu" => "j oʊ",
        "ian" => "j ɛ n",
        "in" => "i n",
        "iang" => "j a ŋ",
        "ing" => "i ŋ",
        "iong" => "j ʊ ŋ",
        "ua" => "w a",
        "uo" => "w o",
        "uai" => "w aɪ",
        "ui" => "w eɪ",
        "uan" => "w a n",
        "un" => "w ə n",
        "uang" => "w a ŋ",
        "ueng" => "w ɤ ŋ",
        "üe" => "ɥ ɛ",
        "üan" => "ɥ ɛ n",
        "ün" => "y n",
        _ => return None,
    };
    Some(format!("{onset} {sound}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ipa(word: &str) -> String {
        pronounce(word).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_syllable_of_the_table_has_phones() {
        for (syllable, _) in TABLE.lines().filter_map(|line| line.split_once(' ')) {
            let Some(sounds) = syllable_phones(syllable) else {
                assert!(matches!(syllable, "n" | "ng" | "m" | "hm" | "ê" | "o"), "{syllable}");
                continue;
            };
            assert_eq!(phones(&sounds).len(), sounds.split_whitespace().count(), "{syllable} {sounds}");
        }
        assert!(CHARACTERS.len() > 6000, "{}", CHARACTERS.len());
    }

    #[test]
    fn characters_and_pinyin_sound_alike() {
        for (characters, pinyin, expected) in [
            ("好一朵", "hǎoyīduǒ", "x aʊ i d w o"),
            ("茉莉花", "molihua", "m w o l i x w a"),
            ("两只老虎", "liang zhi laohu", "l j a ŋ ʈʂ ɨ l aʊ x u"),
            ("去", "qù", "tɕʰ y"),
            ("女人", "nvren", "n y ɻ ə n"),
            ("雪", "xue", "ɕ ɥ ɛ"),
            ("吃", "chi1", "ʈʂʰ ɨ"),
            ("西安", "xi'an", "ɕ i a n"),
        ] {
            assert_eq!(ipa(characters), expected, "{characters}");
            assert_eq!(ipa(pinyin), expected, "{pinyin}");
        }
    }

    #[test]
    fn pinyin_is_told_from_other_words() {
        assert!(is_pinyin("molihua") && is_pinyin("zhōngguó"));
        assert!(!is_pinyin("hello") && !is_pinyin("qqq") && !is_pinyin(""));
        assert_eq!(split("茉莉hua"), ["茉", "莉", "hua"]);
        assert!(!is_pinyin(&"a".repeat(5000)));
    }
}
