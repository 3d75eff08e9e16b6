//! Cutting words into syllables: written ones for retyped lyrics, sounding ones for the notes.

use super::{Language, Manner, Phone, french, mandarin, normalise, pronounce};

/// The phones of one sung syllable.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::song) struct SyllablePhones {
    /// Consonants before the vowel.
    pub onset: Vec<Phone>,
    /// Vowels; more than one where words are elided into one note ("donna è").
    pub nucleus: Vec<Phone>,
    /// Consonants after it.
    pub coda: Vec<Phone>,
}

/// The phones of a word whose written syllables are given, one result a syllable.
///
/// The word is pronounced whole, so that its spelling is understood, and its consonants are then shared out between
/// the vowels. Where the number of vowels and syllables differ (an elision, "fire" on two notes), each syllable is
/// pronounced by itself.
pub(in crate::song) fn phones_of_word(syllables: &[&str], language: Language) -> Vec<SyllablePhones> {
    let word: String = syllables.concat();
    // A Chinese syllable is whole by itself: its n and ng never move to the next one.
    if !word.contains(['\u{a0}', ' ']) && language != Language::Mandarin && !word.contains(mandarin::is_character) {
        let mut readings = vec![pronounce(&word, language)];
        if language == Language::French {
            readings.push(french::pronounce(&normalise(&word), true));
        }
        for phones in readings {
            let vowels: Vec<usize> = (0..phones.len()).filter(|&i| phones[i].phoneme.is_vowel()).collect();
            if vowels.len() == syllables.len() && !vowels.is_empty() {
                return share_out(&phones, &vowels, language);
            }
        }
    }
    syllables.iter().map(|syllable| alone(syllable, language)).collect()
}

/// The consonant that links two words and is sung before the second ("les‿amis"), where the language does that.
pub(in crate::song) fn liaison(before: &str, word: &str, language: Language) -> Option<Phone> {
    if language == Language::French { french::liaison(&normalise(before), &normalise(word)) } else { None }
}

/// One written syllable by itself; it may hold several elided words.
fn alone(syllable: &str, language: Language) -> SyllablePhones {
    let mut phones: Vec<Phone> = syllable.split(['\u{a0}', ' ']).flat_map(|word| pronounce(word, language)).collect();
    // Two equal vowels meeting in an elision ("piu-ma‿al") are one.
    phones.dedup_by(|b, a| a == b && a.phoneme.is_vowel());
    let first = phones.iter().position(|p| p.phoneme.is_vowel());
    let last = phones.iter().rposition(|p| p.phoneme.is_vowel());
    let (Some(first), Some(last)) = (first, last) else {
        // No vowel ("'s", "в"): a nasal or liquid could carry the note, but a neutral vowel is what singers use.
        return SyllablePhones { onset: phones, nucleus: Phone::parse("ə").into_iter().collect(), coda: Vec::new() };
    };
    SyllablePhones {
        onset: phones[..first].to_vec(),
        nucleus: phones[first..=last].to_vec(),
        coda: phones[last + 1..].to_vec(),
    }
}

fn share_out(phones: &[Phone], vowels: &[usize], language: Language) -> Vec<SyllablePhones> {
    let mut result: Vec<SyllablePhones> = Vec::new();
    let mut start = 0;
    for (k, &vowel) in vowels.iter().enumerate() {
        let end = match vowels.get(k + 1) {
            None => phones.len(),
            Some(&next) => next - onset_length(&phones[vowel + 1..next], language),
        };
        result.push(SyllablePhones {
            onset: phones[start..vowel].to_vec(),
            nucleus: vec![phones[vowel]],
            coda: phones[vowel + 1..end].to_vec(),
        });
        start = end;
    }
    result
}

/// How many of the consonants between two vowels start the second syllable: as many as can start a word
/// (the maximal onset principle), judged by sonority.
fn onset_length(consonants: &[Phone], language: Language) -> usize {
    let n = consonants.len();
    if n < 2 {
        return n;
    }
    let (before, last) = (consonants[n - 2], consonants[n - 1]);
    let kind = |phone: Phone| phone.phoneme.manner;
    let hard =
        |phone: Phone| matches!(kind(phone), Manner::Stop) || matches!(phone.phoneme.symbol, "f" | "v" | "x" | "θ");
    let rising = hard(before) && matches!(kind(last), Manner::Liquid | Manner::Trill | Manner::Glide) && before != last;
    let s_cluster = before.phoneme.symbol == "s" && matches!(last.phoneme.symbol, "t" | "p" | "k");
    let glide = kind(last) == Manner::Glide && before != last;
    let open = matches!(language, Language::Russian | Language::Italian | Language::French);
    if rising || glide || (s_cluster && open) { 2 } else { 1 }
}

/// Cuts a written word into syllables. Hyphens in the word decide where they stand; then rules do.
pub(super) fn split_written(word: &str, language: Language) -> Vec<String> {
    let pieces: Vec<&str> =
        word.split(['-', '\u{2010}', '\u{ad}']).filter(|p| p.chars().any(char::is_alphabetic)).collect();
    if pieces.len() > 1 {
        return pieces.into_iter().map(str::to_owned).collect();
    }
    let Some(&word) = pieces.first() else { return Vec::new() };
    if word.contains(mandarin::is_character) || language == Language::Mandarin {
        return split_chinese(word);
    }
    let letters: Vec<char> = word.chars().collect();
    let spoken = pronounce(word, language).iter().filter(|p| p.phoneme.is_vowel()).count().max(1);
    let mut groups = vowel_groups(&letters, language);
    // Spelling has more vowel groups than sound where letters are silent ("love", "whole"): the silent e goes first.
    while groups.len() > spoken {
        let silent = groups.iter().rposition(|g| letters[g.0].eq_ignore_ascii_case(&'e') && g.1 == g.0 + 1);
        groups.remove(silent.filter(|&i| i > 0).unwrap_or(groups.len() - 1));
    }
    let mut cuts: Vec<usize> =
        groups.windows(2).map(|pair| cut_between(&letters, pair[0].1, pair[1].0, language)).collect();
    cuts.insert(0, 0);
    cuts.push(letters.len());
    cuts.windows(2).map(|range| letters[range[0]..range[1]].iter().collect()).collect()
}

/// Each character is a syllable, and so is each syllable of pinyin; punctuation stays with the syllable before it.
fn split_chinese(word: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for piece in mandarin::split(word) {
        match pieces.last_mut().filter(|_| !piece.chars().any(char::is_alphabetic)) {
            Some(last) => last.push_str(&piece),
            None => pieces.push(piece),
        }
    }
    pieces.retain(|piece| piece.chars().any(char::is_alphabetic));
    pieces
}

fn is_vowel_letter(letters: &[char], i: usize, language: Language) -> bool {
    let lower = letters[i].to_lowercase().next().unwrap_or(letters[i]);
    match lower {
        'y' => match language {
            Language::English => i > 0 || letters.len() == 1,
            Language::Spanish => i + 1 == letters.len() && (i == 0 || !"aeiouáéíóú".contains(letters[i - 1])),
            Language::German | Language::French => true,
            _ => false,
        },
        'u' if i > 0 && matches!(letters[i - 1].to_ascii_lowercase(), 'q') => false,
        _ => "aeiouàáâèéêëìíîïòóôùúûäöüæœаеёиоуыэюя".contains(lower),
    }
}

/// Runs of vowel letters that sound as one, as ranges.
fn vowel_groups(letters: &[char], language: Language) -> Vec<(usize, usize)> {
    const ENGLISH: &[&str] = &[
        "ai", "ay", "au", "aw", "ea", "ee", "ei", "ey", "eu", "ew", "ie", "oa", "oe", "oi", "oo", "ou", "ow", "oy",
        "ue", "ui", "ye", "eau", "eye", "you",
    ];
    const GERMAN: &[&str] = &["ai", "au", "äu", "ei", "eu", "ie", "aa", "ee", "oo"];
    const ITALIAN: &[&str] =
        &["ia", "ie", "io", "iu", "ua", "ue", "uo", "ai", "ei", "oi", "au", "eu", "iò", "iù", "ià", "iè", "uò"];
    const FRENCH: &[&str] = &[
        "ai", "aî", "au", "ay", "ea", "ei", "eu", "eau", "oe", "oeu", "ou", "où", "oi", "oî", "œu", "oy", "ui", "uî",
        "ia", "ie", "iè", "io", "ieu", "oui", "ué", "ue", "ée", "eui", "ié", "iai", "oie", "oue", "uie",
    ];
    const SPANISH: &[&str] = &[
        "ia", "ie", "io", "iu", "ua", "ue", "ui", "uo", "ai", "ei", "oi", "au", "eu", "ou", "iá", "ié", "ió", "uá",
        "ué", "uí", "uó", "ái", "éi", "ói", "áu", "éu",
    ];
    const LATIN: &[&str] = &["ae", "oe", "au", "eu"];
    let together: &[&str] = match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
        Language::Italian => ITALIAN,
        Language::Latin => LATIN,
        Language::French => FRENCH,
        Language::Spanish => SPANISH,
        Language::Russian | Language::Mandarin => &[],
    };
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for i in (0..letters.len()).filter(|&i| is_vowel_letter(letters, i, language)) {
        if let Some(last) = groups.last_mut().filter(|g| g.1 == i) {
            let run: String = letters[last.0..=i].iter().collect::<String>().to_lowercase();
            if together.contains(&run.as_str()) {
                last.1 = i + 1;
                continue;
            }
        }
        groups.push((i, i + 1));
    }
    groups
}

/// Where to cut between a vowel group ending at `from` and the next starting at `to`.
fn cut_between(letters: &[char], from: usize, to: usize, language: Language) -> usize {
    const PAIRS: &[&str] = &[
        "bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "ph", "pl", "pr", "sh", "th", "tr", "sw", "wh",
        "gn", "sc", "st", "sp", "qu", "kn", "бл", "бр", "вл", "вр", "гл", "гр", "др", "кл", "кр", "пл", "пр", "ст",
        "сп", "ск", "тр", "хр", "фл", "фр",
    ];
    let count = to - from;
    if count < 2 {
        return from;
    }
    let pair: String = letters[to - 2..to].iter().collect::<String>().to_lowercase();
    let never_split = matches!(pair.as_str(), "ch" | "sh" | "th" | "ph" | "wh" | "qu");
    let s_pair = pair.starts_with('s') && !never_split;
    // "sis-ter", but "an-swer" and "mon-ster"; Italian "que-sto".
    let allowed = PAIRS.contains(&pair.as_str()) && (!s_pair || count > 2 || language == Language::Italian);
    if allowed || never_split { to - 2 } else { to - 1 }
}

/// Whether two written words are the same to a singer.
pub(super) fn same_word(a: &str, b: &str) -> bool {
    normalise(a) == normalise(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(word: &str, language: Language) -> String {
        split_written(word, language).join("|")
    }

    #[test]
    fn written_words_are_cut() {
        for (word, cut) in [
            ("Daisy,", "Dai|sy,"),
            ("bicycle", "bi|cy|cle"),
            ("love", "love"),
            ("answer", "an|swer"),
            ("computer", "com|pu|ter"),
            ("ba-na-na", "ba|na|na"),
            ("whole", "whole"),
            ("I", "I"),
        ] {
            assert_eq!(split(word, Language::English), cut);
        }
        assert_eq!(split("pensiero", Language::Italian), "pen|sie|ro");
        assert_eq!(split("коробушка", Language::Russian), "ко|ро|буш|ка");
        assert_eq!(split("Bächlein", Language::German), "Bäch|lein");
        for (word, cut) in
            [("chanson", "chan|son"), ("belle", "belle"), ("toujours,", "tou|jours,"), ("oiseau", "oi|seau")]
        {
            assert_eq!(split(word, Language::French), cut);
        }
        for (word, cut) in [("cucaracha", "cu|ca|ra|cha"), ("cielo", "cie|lo"), ("día", "dí|a"), ("rey", "rey")] {
            assert_eq!(split(word, Language::Spanish), cut);
        }
        assert_eq!(split("茉莉花，", Language::Mandarin), "茉|莉|花，");
        assert_eq!(split("molihua", Language::Mandarin), "mo|li|hua");
        assert_eq!(split("…", Language::English), "");
    }

    #[test]
    fn consonants_are_shared_out() {
        let syllables = phones_of_word(&["Dai", "sy"], Language::English);
        assert_eq!(syllables.len(), 2);
        assert_eq!(syllables[0].onset[0].symbol(), "d");
        assert_eq!(syllables[1].onset[0].symbol(), "z");
        // A mute e sounds where the tune has a note for it.
        assert_eq!(phones_of_word(&["Frè", "re"], Language::French)[1].nucleus[0].symbol(), "ə");
        assert_eq!(phones_of_word(&["Frère"], Language::French)[0].coda[0].symbol(), "ʁ");
        assert_eq!(phones_of_word(&["天", "安"], Language::Mandarin)[0].coda[0].symbol(), "n");
        let elided = phones_of_word(&["na\u{a0}è"], Language::Italian);
        assert_eq!(elided[0].nucleus.len(), 2);
        assert_eq!(phones_of_word(&["zzz"], Language::English)[0].nucleus.len(), 1);
    }
}
