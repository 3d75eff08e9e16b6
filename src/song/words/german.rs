//! German: spelling to phones by rule, with the stage pronunciation's tapped r (Siebs).

use super::phoneme::{Phone, phones};

/// Pronounces a normalised word.
pub(super) fn pronounce(word: &str) -> Vec<Phone> {
    let letters: Vec<char> = word.chars().filter(|c| *c != '\'').collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or(' ');
    let vowel = |c: char| "aeiouäöüy".contains(c);
    let prefix = prefix(word);
    let apart = ["ange", "anga", "angr", "unge", "ungl", "einge", "hinge"].iter().any(|p| word.starts_with(p))
        && !word.starts_with("angel");
    let mut out: Vec<&str> = Vec::new();
    let mut i = 0;
    while i < letters.len() {
        let rest: String = letters[i..].iter().collect();
        let starts = |text: &str| rest.starts_with(text);
        let (c, next) = (at(i), at(i + 1));
        let end = |n: usize| i + n == letters.len();
        let before_vowel = vowel(next);
        // Final and pre-consonantal b, d, g, s lose their voice.
        let hard = !before_vowel && !matches!(next, 'l' | 'r' | 'n' | 'h') || next == ' ';
        let (sound, used): (&str, usize) = match c {
            _ if starts("tsch") => ("tʃ", 4),
            _ if starts("sch") => ("ʃ", 3),
            _ if starts("ch") && i == 0 && matches!(at(2), 'r' | 'l' | 'o') => ("k", 2),
            _ if starts("chst") && i > 0 && matches!(at(i - 1), 'ä' | 'ö') => ("ç s", 3),
            _ if starts("chs") => ("k s", 3),
            _ if starts("ch") => (if i > 0 && matches!(at(i - 1), 'a' | 'o' | 'u') { "x" } else { "ç" }, 2),
            _ if starts("ck") => ("k", 2),
            _ if starts("ph") => ("f", 2),
            _ if starts("th") => ("t", 2),
            _ if starts("pf") => ("p f", 2),
            _ if starts("qu") => ("k v", 2),
            _ if starts("tz") => ("ts", 2),
            _ if starts("dt") => ("t", 2),
            // "an-gefangen", "un-glücklich", but "bange".
            _ if starts("ng") && apart && i < 3 => ("n", 1),
            _ if starts("ng") => ("ŋ", 2),
            _ if starts("nk") => ("ŋ k", 2),
            _ if starts("st") && (i == 0 || i == prefix) => ("ʃ t", 2),
            _ if starts("sp") && (i == 0 || i == prefix) => ("ʃ p", 2),
            _ if starts("ss") => ("s", 2),
            _ if starts("ig") && end(2) => ("ɪ ç", 2),
            _ if starts("äu") || starts("eu") => ("ɔɪ", 2),
            _ if starts("ei") || starts("ai") || starts("ey") || starts("ay") => ("aɪ", 2),
            _ if starts("au") => ("aʊ", 2),
            _ if starts("ien") && end(3) && i > 1 => ("i ə n", 3),
            _ if starts("ie") && end(2) && ["familie", "lilie", "linie"].contains(&word) => ("i ə", 2),
            _ if starts("ie") => ("i", 2),
            _ if starts("tion") && i > 0 => ("ts i o n", 4),
            _ if starts("er") && end(2) && i > 0 && has_vowel(&letters[..i]) => ("ə r", 2),
            _ if !vowel(c) && c == next && "bdfgklmnprt".contains(c) => ("", 1),
            'a' => ("a", if next == 'a' || next == 'h' { 2 } else { 1 }),
            'ä' => ("ɛ", if next == 'h' { 2 } else { 1 }),
            'e' if i == 1
                && matches!(at(0), 'b' | 'g')
                && next == 'h'
                && vowel(at(3))
                && !(at(3) == 'e' && matches!(at(4), ' ' | 'n' | 's' | 't')) =>
            {
                ("ə", 1)
            }
            'e' if next == 'e' || next == 'h' => ("e", 2),
            // The e of unstressed endings, and of the prefixes be- and ge-.
            'e' if weak_e(&letters, i)
                || (i == 1 && prefix == 2)
                || (apart && (1..5).contains(&i) && at(i - 1) == 'g') =>
            {
                ("ə", 1)
            }
            'e' => (if long(&letters, i) { "e" } else { "ɛ" }, 1),
            'i' => (if next == 'h' || long(&letters, i) { "i" } else { "ɪ" }, if next == 'h' { 2 } else { 1 }),
            'o' => (
                if next == 'h' || next == 'o' || long(&letters, i) { "o" } else { "ɔ" },
                if next == 'h' || next == 'o' { 2 } else { 1 },
            ),
            'u' => (if next == 'h' || long(&letters, i) { "u" } else { "ʊ" }, if next == 'h' { 2 } else { 1 }),
            'ö' => (if next == 'h' || long(&letters, i) { "ø" } else { "œ" }, if next == 'h' { 2 } else { 1 }),
            'ü' | 'y' => ("y", if next == 'h' { 2 } else { 1 }),
            'b' => (if hard { "p" } else { "b" }, 1),
            'd' => (if hard { "t" } else { "d" }, 1),
            'g' => (if hard { "k" } else { "ɡ" }, 1),
            's' => {
                (if before_vowel && (i == 0 || vowel(at(i - 1)) || "lmnr".contains(at(i - 1))) { "z" } else { "s" }, 1)
            }
            'c' | 'k' => ("k", 1),
            'f' | 'v' => ("f", 1),
            // "ziehen", "Reihe".
            'h' => (if before_vowel && !(i > 2 && vowel(at(i - 1))) { "h" } else { "" }, 1),
            'j' => ("j", 1),
            'l' => ("l", 1),
            'm' => ("m", 1),
            'n' => ("n", 1),
            'p' => ("p", 1),
            'r' => ("r", 1),
            't' => ("t", 1),
            'w' => ("v", 1),
            'x' => ("k s", 1),
            'z' => ("ts", 1),
            'ß' => ("s", 1),
            _ => ("", 1),
        };
        out.push(sound);
        i += used;
    }
    phones(&out.join(" "))
}

/// Length of a prefix before st or sp, which begin the stem then: "be-stellt", "ver-spricht"; else 0.
fn prefix(word: &str) -> usize {
    // Stems that only look like it.
    const STEMS: &[&str] = &["gest", "best", "erst", "ernst", "geste", "beste"];
    let stem = word.trim_end_matches(['e', 'r', 'n', 'm', 's']);
    if STEMS.contains(&stem) {
        return 0;
    }
    let cluster = |rest: &str| {
        (rest.starts_with("st") || rest.starts_with("sp")) && rest.chars().skip(2).any(|c| "aeiouäöü".contains(c))
    };
    let prefixes =
        ["be", "ge", "ver", "zer", "ent", "er", "vor", "unter", "an", "aus", "auf", "bei", "zu", "ein", "um", "ab"];
    prefixes.iter().find(|p| word.strip_prefix(**p).is_some_and(cluster)).map_or(0, |p| p.len())
}

fn has_vowel(letters: &[char]) -> bool {
    letters.iter().any(|c| "aeiouäöüy".contains(*c))
}

/// A vowel before one consonant and another vowel, or before one final consonant, is long.
fn long(letters: &[char], i: usize) -> bool {
    let vowel = |j: usize| letters.get(j).is_some_and(|c| "aeiouäöüy".contains(*c));
    match letters.len() - i {
        1 => true,
        2 => vowel(i + 1) || !matches!(letters[i + 1], 'n' | 's' | 'm'),
        _ => vowel(i + 1) || (vowel(i + 2) && !matches!(letters[i + 1], 'x' | 'z')),
    }
}

fn weak_e(letters: &[char], i: usize) -> bool {
    let tail: String = letters[i..].iter().collect();
    let ending = matches!(tail.as_str(), "e" | "en" | "el" | "em" | "es" | "et" | "est" | "ern" | "eln" | "end");
    let prefix = i == 1 && matches!(letters[0], 'b' | 'g') && letters.len() > 4 && !"aeiouäöüs".contains(letters[2]);
    (ending && has_vowel(&letters[..i])) || prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_songs() {
        for (word, expected) in [
            ("guten", "ɡ u t ə n"),
            ("nacht", "n a x t"),
            ("abend", "a b ə n t"),
            ("ich", "ɪ ç"),
            ("weiss", "v aɪ s"),
            ("stand", "ʃ t a n t"),
            ("bächlein", "b ɛ ç l aɪ n"),
            ("traurig", "t r aʊ r ɪ ç"),
            ("gehen", "ɡ e ə n"),
            ("gehört", "ɡ ə h œ r t"),
            ("nächste", "n ɛ ç s t ə"),
            ("stadt", "ʃ t a t"),
            ("ziehen", "ts i ə n"),
            ("christ", "k r ɪ s t"),
            ("nation", "n a ts i o n"),
            ("angefangen", "a n ɡ ə f a ŋ ə n"),
            ("familie", "f a m i l i ə"),
            ("besteckt", "b ə ʃ t ɛ k t"),
            ("verstossen", "f ɛ r ʃ t ɔ s ə n"),
            ("gestern", "ɡ ɛ s t ə r n"),
            ("beste", "b ɛ s t ə"),
        ] {
            let ipa = pronounce(word).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ");
            assert_eq!(ipa, expected, "{word}");
        }
    }
}
