//! Spanish: spelling to phones by rule, American (seseo, yeísmo), as most songs are sung.

use super::phoneme::{Phone, phones};

fn vowel(c: char) -> bool {
    "aeiouáéíóú".contains(c)
}

/// Pronounces a normalised word.
pub(super) fn pronounce(word: &str) -> Vec<Phone> {
    let letters: Vec<char> = word.chars().filter(|c| *c != '\'').collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or(' ');
    let mut out: Vec<&str> = Vec::new();
    let mut i = 0;
    while i < letters.len() {
        let (c, next, after) = (at(i), at(i + 1), at(i + 2));
        let before = if i > 0 { at(i - 1) } else { ' ' };
        let front = |c: char| matches!(c, 'e' | 'i' | 'é' | 'í');
        // b, d and g are stops only after a pause or a nasal (d after l too); elsewhere the closure is loose.
        let loose = !matches!(before, ' ' | 'n' | 'm') && (c != 'd' || before != 'l');
        let last = i + 1 == letters.len();
        // y ends a diphthong as i does.
        let off_i = next == 'i' && !vowel(after) || next == 'y' && i + 2 == letters.len();
        let off_u = next == 'u' && !vowel(after);
        let (sound, used): (&str, usize) = match c {
            'a' | 'á' if off_i => ("aɪ", 2),
            'e' | 'é' if off_i => ("eɪ", 2),
            'o' | 'ó' if off_i => ("ɔɪ", 2),
            'a' | 'á' if off_u => ("aʊ", 2),
            'a' | 'á' => ("a", 1),
            'e' | 'é' => ("e", 1),
            'o' | 'ó' => ("o", 1),
            'í' => ("i", 1),
            'ú' => ("u", 1),
            'i' if vowel(next) => ("j", 1),
            'i' => ("i", 1),
            'ü' => ("w", 1),
            'u' if next == 'y' && i + 2 == letters.len() => ("u j", 2),
            'u' if vowel(next) => ("w", 1),
            'u' => ("u", 1),
            'y' if last => ("i", 1),
            'y' => ("ʝ", 1),
            'l' if next == 'l' => ("ʝ", 2),
            'c' if next == 'h' => ("tʃ", 2),
            'c' if front(next) => ("s", 1),
            'q' => ("k", if next == 'u' { 2 } else { 1 }),
            'g' if next == 'u' && front(after) => (if loose { "ɣ" } else { "ɡ" }, 2),
            'g' if front(next) => ("x", 1),
            'g' => (if loose { "ɣ" } else { "ɡ" }, 1),
            'b' | 'v' => (if loose { "β" } else { "b" }, 1),
            'd' => (if loose { "ð" } else { "d" }, 1),
            'r' if next == 'r' => ("r", 2),
            'r' => (if matches!(before, ' ' | 'n' | 'l' | 's') { "r" } else { "ɾ" }, 1),
            'n' if matches!(next, 'c' | 'g' | 'q' | 'k' | 'j') && !(next == 'c' && front(after)) => ("ŋ", 1),
            'n' => ("n", 1),
            'ñ' => ("ɲ", 1),
            's' if next == 'c' && front(after) => ("s", 2),
            's' | 'z' => ("s", 1),
            'j' => ("x", 1),
            'x' => (if i == 0 { "s" } else { "k s" }, 1),
            'c' | 'k' => ("k", 1),
            'f' => ("f", 1),
            'l' => ("l", 1),
            'm' => ("m", 1),
            'p' => ("p", 1),
            't' => ("t", 1),
            'w' => ("w", 1),
            _ => ("", 1),
        };
        out.push(sound);
        i += used;
    }
    phones(&out.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_songs() {
        for (word, expected) in [
            ("cucaracha", "k u k a ɾ a tʃ a"),
            ("ya", "ʝ a"),
            ("no", "n o"),
            ("puede", "p w e ð e"),
            ("caminar", "k a m i n a ɾ"),
            ("porque", "p o ɾ k e"),
            ("falta", "f a l t a"),
            ("patitas", "p a t i t a s"),
            ("cielo", "s j e l o"),
            ("corazón", "k o ɾ a s o n"),
            ("guitarra", "ɡ i t a r a"),
            ("llorar", "ʝ o ɾ a ɾ"),
            ("mañana", "m a ɲ a n a"),
            ("muy", "m u j"),
            ("día", "d i a"),
            ("aire", "aɪ ɾ e"),
            ("noche", "n o tʃ e"),
            ("tengo", "t e ŋ ɡ o"),
            ("vaca", "b a k a"),
            ("amigo", "a m i ɣ o"),
            ("gente", "x e n t e"),
            ("rey", "r eɪ"),
            ("escena", "e s e n a"),
        ] {
            let ipa = pronounce(word).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ");
            assert_eq!(ipa, expected, "{word}");
        }
    }
}
