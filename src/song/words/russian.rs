//! Russian: spelling to phones by rule, with sung (less reduced) vowels and the stress of the bundled words.

use super::phoneme::{Phone, phones};

/// Stressed vowel, counted from 0, of words whose stress matters most; other words sing every vowel as written but
/// an unstressed o right after the first syllable's consonants.
const STRESS: &[(&str, usize)] = &[
    ("полна", 1),
    ("полным", 1),
    ("коробушка", 1),
    ("моя", 1),
    ("зазнобушка", 1),
    ("молодецкого", 2),
    ("плеча", 1),
    ("пожалей", 2),
    ("высокую", 1),
    ("ночки", 0),
    ("погожу", 2),
    ("завижу", 1),
    ("черноокую", 2),
    ("товары", 1),
    ("разложу", 2),
    ("парча", 1),
    ("ситцы", 0),
    ("молоко", 2),
    ("хорошо", 2),
    ("окно", 1),
    ("она", 1),
    ("оно", 1),
    ("любовь", 1),
    ("весна", 1),
    ("душа", 1),
    ("москва", 1),
];

/// Words whose spelling misleads.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("его", "j ɪ v o"),
    ("что", "ʃ t o"),
    ("чтобы", "ʃ t o b ɨ"),
    ("молодецкого", "m ɐ l ɐ dʲ e t s k ɐ v ɐ"),
    ("конечно", "k ɐ nʲ e ʃ n ə"),
    ("сегодня", "sʲ ɪ v o dʲ nʲ a"),
    ("солнце", "s o n ts ɨ"),
    ("сердце", "sʲ e r ts ɨ"),
];

/// Pronounces a normalised word.
pub(super) fn pronounce(word: &str) -> Vec<Phone> {
    if let Some((_, ipa)) = EXCEPTIONS.iter().find(|(known, _)| *known == word) {
        return phones(ipa);
    }
    let letters: Vec<char> = word.chars().filter(|c| *c != '\'').collect();
    let stress = STRESS.iter().find(|(known, _)| *known == word).map(|(_, vowel)| *vowel);
    let syllables = letters.iter().filter(|c| is_vowel(**c)).count();
    let mut out: Vec<String> = Vec::new();
    let mut vowel = 0;
    for (i, &c) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|j| letters[j]);
        let next = letters.get(i + 1).copied();
        if is_vowel(c) {
            // е ё ю я after a vowel, a sign or nothing begin with j; after a consonant they soften it (below).
            if "еёюя".contains(c) && before.is_none_or(|b| is_vowel(b) || "ьъ".contains(b)) {
                out.push("j".into());
            }
            let stressed = syllables == 1 || stress == Some(vowel) || c == 'ё';
            let after_hard_sibilant = before.is_some_and(|b| "жшц".contains(b));
            out.push(vowel_sound(c, stressed, stress.is_some(), after_hard_sibilant).into());
            vowel += 1;
        } else if let Some(base) = consonant(c) {
            // A consonant before a voiceless one, or ending the word, loses its voice.
            let following = letters[i + 1..].iter().copied().find(|c| !"ьъ".contains(*c));
            let voiceless = following.is_none_or(|f| "пткфсшхцчщ".contains(f));
            let voiced = following.is_some_and(|f| "бдгзж".contains(f));
            let sound = match base {
                _ if voiceless && i > 0 => devoice(base),
                _ if voiced => voice(base),
                _ => base,
            };
            let after = letters.get(i + 2).copied();
            let softened = |n: Option<char>| n.is_some_and(|n| "еёиюяь".contains(n));
            // с, з and н are soft before a soft dental ("есть").
            let assimilated = "сзн".contains(c) && next.is_some_and(|n| "тдн".contains(n)) && softened(after);
            let soft = (softened(next) || assimilated) && !"жшцчщй".contains(c);
            out.push(format!("{sound}{}", if soft { "ʲ" } else { "" }));
        }
    }
    phones(&out.join(" "))
}

fn is_vowel(c: char) -> bool {
    "аеёиоуыэюя".contains(c)
}

fn vowel_sound(c: char, stressed: bool, stress_known: bool, after_hard_sibilant: bool) -> &'static str {
    match c {
        'а' => "a",
        'я' => "a",
        // Akanye is sung too, but only where the stress is known: a wrong a is worse than a plain o.
        'о' if stressed || !stress_known => "o",
        'о' => "ɐ",
        'ё' => "o",
        'у' | 'ю' => "u",
        'и' if after_hard_sibilant => "ɨ",
        'е' if after_hard_sibilant => "ɛ",
        'и' => "i",
        'ы' => "ɨ",
        'э' => "ɛ",
        _ => "e",
    }
}

fn consonant(c: char) -> Option<&'static str> {
    Some(match c {
        'б' => "b",
        'в' => "v",
        'г' => "ɡ",
        'д' => "d",
        'ж' => "ʒ",
        'з' => "z",
        'й' => "j",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'ф' => "f",
        'х' => "x",
        'ц' => "ts",
        'ч' => "tɕ",
        'ш' => "ʃ",
        'щ' => "ɕ",
        _ => return None,
    })
}

fn devoice(sound: &'static str) -> &'static str {
    match sound {
        "b" => "p",
        "v" => "f",
        "ɡ" => "k",
        "d" => "t",
        "ʒ" => "ʃ",
        "z" => "s",
        other => other,
    }
}

fn voice(sound: &'static str) -> &'static str {
    match sound {
        "p" => "b",
        "k" => "ɡ",
        "t" => "d",
        "ʃ" => "ʒ",
        "s" => "z",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_song() {
        for (word, expected) in [
            ("ой", "o j"),
            ("полна", "p ɐ l n a"),
            ("коробушка", "k ɐ r o b u ʃ k a"),
            ("есть", "j e sʲ tʲ"),
            ("ситцы", "sʲ i t ts ɨ"),
            ("моя", "m ɐ j a"),
            ("рожь", "r o ʃ"),
            ("плеча", "p lʲ e tɕ a"),
        ] {
            let ipa = pronounce(word).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ");
            assert_eq!(ipa, expected, "{word}");
        }
    }
}
