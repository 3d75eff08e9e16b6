//! English: two lexicons of common words, then letter-to-sound rules.
//!
//! `english.txt` is written by hand for singing. `lexicon/english_common.txt` holds what rules cannot know of the most
//! frequent words, from CMUdict (Carnegie Mellon University, BSD-2-Clause) by `lexicon/build_english.py`, which also
//! measures: 97.5 % of running text is said as CMUdict says it, weak vowels aside, against 83 % without.
//!
//! The rules have the form and matching symbols of the Naval Research Laboratory's (Elovitz, Johnson, McHugh and
//! Shore, "Automatic translation of English text to phonetics by means of letter-to-sound rules", NRL Report 7948,
//! 1976; public domain), cut down and fitted to singing: fewer reduced vowels, no silent final syllables.

use super::phoneme::{Phone, phones};
use std::collections::HashMap;
use std::sync::LazyLock;

/// `word phones`, one a line; written for this project, General American.
static BY_HAND: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("english.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
});

/// `word phones`, sorted; of each word the first letters that it shares with the line before are a count (A, B, ...),
/// and each phone is a letter of [`LETTERS`].
static COMMON: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut word = String::new();
    let mut entry = |line: &'static str| {
        let (spelling, sounds) = line.split_once(' ')?;
        let shared = usize::from(spelling.bytes().next()?.checked_sub(b'A')?);
        word.truncate(shared);
        word.push_str(spelling.get(1..)?);
        Some((word.clone(), sounds))
    };
    include_str!("lexicon/english_common.txt").lines().filter_map(&mut entry).collect()
});

/// The phone that each letter of [`COMMON`] stands for.
const LETTERS: &[(char, &str)] = &[
    ('a', "ɑ"),
    ('A', "æ"),
    ('V', "ʌ"),
    ('c', "ɔ"),
    ('W', "aʊ"),
    ('Y', "aɪ"),
    ('E', "ɛ"),
    ('R', "ɝ"),
    ('J', "eɪ"),
    ('I', "ɪ"),
    ('i', "i"),
    ('O', "oʊ"),
    ('T', "ɔɪ"),
    ('U', "ʊ"),
    ('u', "u"),
    ('b', "b"),
    ('C', "tʃ"),
    ('d', "d"),
    ('D', "ð"),
    ('f', "f"),
    ('g', "ɡ"),
    ('h', "h"),
    ('G', "dʒ"),
    ('k', "k"),
    ('l', "l"),
    ('m', "m"),
    ('n', "n"),
    ('N', "ŋ"),
    ('p', "p"),
    ('r', "ɹ"),
    ('s', "s"),
    ('S', "ʃ"),
    ('t', "t"),
    ('Q', "θ"),
    ('v', "v"),
    ('w', "w"),
    ('j', "j"),
    ('z', "z"),
    ('Z', "ʒ"),
    ('e', "ə"),
];

/// What the lexicons know of a word.
fn known(word: &str) -> Option<Vec<Phone>> {
    if let Some(ipa) = BY_HAND.get(word) {
        return Some(phones(ipa));
    }
    let phone = |letter| LETTERS.iter().find(|(l, _)| *l == letter).and_then(|(_, ipa)| Phone::parse(ipa));
    COMMON.get(word).map(|letters| letters.chars().filter_map(phone).collect())
}

struct Rule {
    left: &'static str,
    letters: &'static str,
    right: &'static str,
    sound: &'static str,
}

static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| include_str!("english_rules.txt").lines().filter_map(rule).collect());

fn rule(line: &'static str) -> Option<Rule> {
    let (pattern, sound) = line.split_once('=')?;
    let (left, rest) = pattern.split_once('[')?;
    let (letters, right) = rest.split_once(']')?;
    Some(Rule { left, letters, right, sound: sound.trim() })
}

/// Pronounces a normalised word.
pub(super) fn pronounce(word: &str) -> Vec<Phone> {
    if let Some(phones) = known(word) {
        return phones;
    }
    // "rose's", "boats", "walked", "singing": a known stem with a regular ending.
    for (ending, stems) in [
        ("'s", &[""][..]),
        ("s", &[""]),
        ("es", &["", "e"]),
        ("ed", &["", "e"]),
        ("ing", &["", "e"]),
        ("in'", &["", "e"]),
        ("ly", &[""]),
    ] {
        let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() > 1) else { continue };
        for &restored in stems {
            if let Some(mut out) = known(&format!("{stem}{restored}")) {
                out.extend(phones(ending_sound(ending, &out)));
                return out;
            }
        }
    }
    by_rule(&word.replace('\'', ""))
}

/// Regular endings take their voice from the sound before.
fn ending_sound(ending: &str, stem: &[Phone]) -> &'static str {
    let last = stem.last().map_or("", |p| p.phoneme.symbol);
    let voiceless = matches!(last, "p" | "t" | "k" | "f" | "θ");
    match ending {
        "ing" => "ɪ ŋ",
        "in'" => "ɪ n",
        "ly" => "l i",
        "ed" if matches!(last, "t" | "d") => "ɪ d",
        "ed" if voiceless || matches!(last, "s" | "ʃ" | "tʃ") => "t",
        "ed" => "d",
        _ if matches!(last, "s" | "z" | "ʃ" | "ʒ" | "tʃ" | "dʒ") => "ɪ z",
        _ if voiceless => "s",
        _ => "z",
    }
}

fn by_rule(word: &str) -> Vec<Phone> {
    let letters: Vec<char> = word.chars().map(unaccented).collect();
    let mut out: Vec<&str> = Vec::new();
    let mut i = 0;
    while i < letters.len() {
        let matched = RULES.iter().find(|rule| {
            let n = rule.letters.chars().count();
            i + n <= letters.len()
                && rule.letters.chars().eq(letters[i..i + n].iter().copied())
                && matches_left(rule.left, &letters[..i])
                && matches_right(rule.right, &letters[i + n..])
        });
        match matched {
            Some(rule) => {
                out.push(rule.sound);
                i += rule.letters.chars().count();
            }
            None => i += 1,
        }
    }
    let mut result = phones(&out.join(" "));
    // Doubled letters sound once.
    result.dedup_by(|b, a| a == b && !a.phoneme.is_vowel());
    result
}

fn unaccented(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ä' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    }
}

fn vowel(c: char) -> bool {
    "aeiouy".contains(c)
}

/// Matches a context leftwards from the letters, `pattern` read from its end: `#` one or more vowels, `:` any number
/// of consonants, `^` one consonant, `.` a voiced one, `+` e, i or y, a space the word's edge.
fn matches_left(pattern: &str, before: &[char]) -> bool {
    let mut rest = before;
    pattern.chars().rev().all(|symbol| step(symbol, &mut rest, |s| s.split_last()))
}

/// The same rightwards; `%` stands for a suffix (er, e, es, ed, ing, ely).
fn matches_right(pattern: &str, after: &[char]) -> bool {
    let mut rest = after;
    pattern.chars().all(|symbol| {
        if symbol == '%' {
            let tail: String = rest.iter().collect();
            return matches!(tail.as_str(), "e" | "er" | "es" | "ed" | "ers" | "ely" | "eful" | "eless")
                || tail == "ing"
                || tail == "ings";
        }
        step(symbol, &mut rest, |s| s.split_first())
    })
}

/// Takes the next letter off one end of the context.
type Take = fn(&[char]) -> Option<(&char, &[char])>;

fn step(symbol: char, rest: &mut &[char], take: Take) -> bool {
    let mut one = |accept: &dyn Fn(char) -> bool| match take(rest) {
        Some((&c, others)) if accept(c) => {
            *rest = others;
            true
        }
        _ => false,
    };
    match symbol {
        ' ' => one(&|_| true).eq(&false),
        '#' => {
            let some = one(&vowel);
            while one(&vowel) {}
            some
        }
        ':' => {
            while one(&|c| !vowel(c)) {}
            true
        }
        '^' => one(&|c| !vowel(c)),
        '.' => one(&|c| "bdvgjlmnrwz".contains(c)),
        '+' => one(&|c| "eiy".contains(c)),
        letter => one(&|c| c == letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ipa(word: &str) -> String {
        pronounce(word).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_lexicon_line_is_made_of_known_phones() {
        for (word, sounds) in BY_HAND.iter() {
            assert_eq!(phones(sounds).len(), sounds.split_whitespace().count(), "{word} {sounds}");
            assert!(phones(sounds).iter().any(|p| p.phoneme.is_vowel()), "{word}");
        }
        for (word, letters) in COMMON.iter() {
            assert!(letters.chars().all(|c| LETTERS.iter().any(|(l, _)| *l == c)), "{word} {letters}");
        }
        assert!(COMMON.len() > 7000 && LETTERS.iter().all(|(_, ipa)| Phone::parse(ipa).is_some()));
        for rule in RULES.iter() {
            assert_eq!(
                phones(rule.sound).len(),
                rule.sound.split_whitespace().count(),
                "[{}] {}",
                rule.letters,
                rule.sound
            );
        }
    }

    #[test]
    fn common_words_are_known() {
        for (word, expected) in [
            ("acquaintance", "ə k w eɪ n t ə n s"),
            ("island", "aɪ l ə n d"),
            ("orchestra", "ɔ ɹ k ə s t ɹ ə"),
            ("choir", "k w aɪ ɝ"),
            ("ocean", "oʊ ʃ ə n"),
            ("sailor", "s eɪ l ɝ"),
        ] {
            assert_eq!(ipa(word), expected, "{word}");
        }
    }

    #[test]
    fn endings_follow_their_stem() {
        assert_eq!(ipa("roses"), "ɹ oʊ z ɪ z");
        assert_eq!(ipa("loved"), "l ʌ v d");
        assert_eq!(ipa("hats"), "h æ t s");
    }

    #[test]
    fn unknown_words_follow_the_rules() {
        for (word, expected) in [
            ("cat", "k æ t"),
            ("brake", "b ɹ eɪ k"),
            ("shining", "ʃ aɪ n ɪ ŋ"),
            ("moon", "m u n"),
            ("thing", "θ ɪ ŋ"),
            ("bright", "b ɹ aɪ t"),
            ("nation", "n eɪ ʃ ə n"),
        ] {
            assert_eq!(ipa(word), expected, "{word}");
        }
    }

    #[test]
    fn any_letters_give_some_sound() {
        for word in ["xqz", "hmm", "brrr", "aaaaaaaa", "ψ", ""] {
            let _ = pronounce(word);
        }
    }
}
