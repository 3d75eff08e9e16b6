//! Italian and church Latin: spelling to phones by rule. The two differ in a handful of letters.

use super::phoneme::{Phone, phones};

/// Pronounces a normalised word. `latin` reads ae, oe, ti, y, ph, h as church Latin does.
pub(super) fn pronounce(word: &str, latin: bool) -> Vec<Phone> {
    let letters: Vec<char> = word.chars().filter(|c| *c != '\'').map(plain).collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or(' ');
    let vowel = |c: char| "aeiouEOy".contains(c);
    let front = |c: char| matches!(c, 'e' | 'E' | 'i' | 'y');
    let mut out: Vec<&str> = Vec::new();
    let mut i = 0;
    while i < letters.len() {
        let (c, next, after) = (at(i), at(i + 1), at(i + 2));
        let mut used = 1;
        let doubled = c == next && !vowel(c);
        // A doubled consonant is held: its sound comes twice, the first closing the syllable before.
        let start = out.len();
        if doubled {
            i += 1;
        }
        let (next, after) = if doubled { (at(i + 1), at(i + 2)) } else { (next, after) };
        match c {
            'a' if latin && next == 'e' => {
                out.push("ɛ");
                used = 2;
            }
            'o' if latin && next == 'e' => {
                out.push("ɛ");
                used = 2;
            }
            'a' => out.push("a"),
            'e' => out.push(if latin { "ɛ" } else { open_e(&letters, i) }),
            'E' => out.push("ɛ"),
            'o' => out.push(if latin { "ɔ" } else { "o" }),
            'O' => out.push("ɔ"),
            // Between a consonant and a vowel the i and u of Italian are glides; Latin counts them as syllables.
            'i' if !latin && vowel(next) && (i == 0 || !vowel(at(i - 1))) => out.push("j"),
            'j' => out.push("j"),
            'i' | 'y' if latin && i == 0 && vowel(next) => out.push("j"),
            'i' | 'y' => out.push("i"),
            'u' if !latin && vowel(next) && (i == 0 || !vowel(at(i - 1))) => out.push("w"),
            'u' => out.push("u"),
            'b' => out.push("b"),
            'c' if next == 'h' => {
                out.push("k");
                used = 2;
            }
            'c' if front(next) || (latin && matches!((next, after), ('a' | 'o', 'e'))) => {
                out.push("tʃ");
                // The i of "cia, cio, ciu" is only a spelling.
                used = if !latin && next == 'i' && vowel(after) { 2 } else { 1 };
            }
            'c' | 'k' => out.push("k"),
            'd' => out.push("d"),
            'f' => out.push("f"),
            'g' if next == 'h' => {
                out.push("ɡ");
                used = 2;
            }
            'g' if next == 'n' => {
                out.push("ɲ");
                used = 2;
            }
            'g' if !latin && next == 'l' && after == 'i' => {
                out.push("ʎ");
                used = if vowel(at(i + 3)) { 3 } else { 2 };
            }
            'g' if front(next) => {
                out.push("dʒ");
                used = if !latin && next == 'i' && vowel(after) { 2 } else { 1 };
            }
            'g' => out.push("ɡ"),
            'h' => {}
            'l' => out.push("l"),
            'm' => out.push("m"),
            'n' if matches!(next, 'c' | 'g' | 'q' | 'k') && !front(after) && after != 'n' => out.push("ŋ"),
            'n' => out.push("n"),
            'p' if next == 'h' => {
                out.push("f");
                used = 2;
            }
            'p' => out.push("p"),
            'q' => {
                out.extend(["k", "w"]);
                used = if next == 'u' { 2 } else { 1 };
            }
            'r' => out.push(if i > 0 && vowel(at(i - 1)) && vowel(next) && !doubled { "ɾ" } else { "r" }),
            's' if next == 'c' && front(after) => {
                out.push("ʃ");
                used = if !latin && after == 'i' && vowel(at(i + 3)) { 3 } else { 2 };
            }
            's' if next == 'c' && after == 'h' => {
                out.extend(["s", "k"]);
                used = 3;
            }
            's' if !doubled && ((vowel(next) && i > 0 && vowel(at(i - 1))) || "bdgvmnlr".contains(next)) => {
                out.push("z")
            }
            's' => out.push("s"),
            't' if latin && next == 'i' && vowel(after) && i > 0 && at(i - 1) != 's' => out.push("ts"),
            't' => {
                out.push("t");
                used = if next == 'h' { 2 } else { 1 };
            }
            'v' | 'w' => out.push("v"),
            'x' => out.extend(["k", "s"]),
            'z' => out.push(if i == 0 { "dz" } else { "ts" }),
            _ => {}
        }
        if doubled && let Some(&held) = out.get(start) {
            // Of a held affricate or stop only the closure doubles.
            out.insert(
                start,
                match held {
                    "tʃ" | "ts" => "t",
                    "dʒ" | "dz" => "d",
                    other => other,
                },
            );
        }
        i += used;
    }
    phones(&out.join(" "))
}

/// Accents tell open from closed vowels: capital E and O stand for the open ones.
fn plain(c: char) -> char {
    match c {
        'à' | 'á' | 'â' => 'a',
        'è' => 'E',
        'é' | 'ê' => 'e',
        'ì' | 'í' | 'î' => 'i',
        'ò' => 'O',
        'ó' | 'ô' => 'o',
        'ù' | 'ú' => 'u',
        'æ' | 'œ' => 'E',
        other => other,
    }
}

/// Unaccented e is open in a closed stressed syllable and before another e's glide ("vento", "pensiero"): an
/// approximation, since Italian spelling does not say; singers accept both.
fn open_e(letters: &[char], i: usize) -> &'static str {
    let vowel = |c: Option<&char>| c.is_some_and(|c| "aeiouEO".contains(*c));
    let closed = !vowel(letters.get(i + 1)) && !vowel(letters.get(i + 2)) && i + 2 < letters.len();
    let after_glide = i > 0 && letters[i - 1] == 'i';
    if closed || after_glide { "ɛ" } else { "e" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ipa(word: &str, latin: bool) -> String {
        pronounce(word, latin).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn italian() {
        for (word, expected) in [
            ("donna", "d o n n a"),
            ("mobile", "m o b i l e"),
            ("piuma", "p j u m a"),
            ("d'accento", "d a t tʃ ɛ n t o"),
            ("pensiero", "p ɛ n s j ɛ ɾ o"),
            ("chi", "k i"),
            ("gli", "ʎ i"),
            ("cuore", "k w o ɾ e"),
            ("misero", "m i z e ɾ o"),
            ("menzognero", "m ɛ n ts o ɲ e ɾ o"),
        ] {
            assert_eq!(ipa(word, false), expected, "{word}");
        }
    }

    #[test]
    fn latin() {
        assert_eq!(ipa("gratia", true), "ɡ r a ts i a");
        assert_eq!(ipa("caelum", true), "tʃ ɛ l u m");
        assert_eq!(ipa("ave", true), "a v ɛ");
    }
}
