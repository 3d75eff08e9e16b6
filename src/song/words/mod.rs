//! Words to phonemes: which language, how a word is cut into syllables, how each syllable sounds.
//!
//! Rules carry every language, so that an unknown word never stops a song; English, whose spelling rules go wrong
//! most often, also has a lexicon of common words.

mod english;
pub(super) mod fit;
mod german;
mod italian;
mod phoneme;
mod russian;
mod syllable;

pub(super) use phoneme::{Manner, Noise, Phone, Phoneme};
pub(super) use syllable::{SyllablePhones, phones_of_word};

use serde::{Deserialize, Serialize};

/// A language the rules know; serialised as its BCP 47 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Language {
    /// General American, as sung.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Standard German, as sung (rolled r).
    #[serde(rename = "de")]
    German,
    /// Standard Italian.
    #[serde(rename = "it")]
    Italian,
    /// Church Latin in the Italian pronunciation.
    #[serde(rename = "la")]
    Latin,
    /// Standard Russian.
    #[serde(rename = "ru")]
    Russian,
}

impl Language {
    /// From a BCP 47 tag or its first part ("en", "de-AT"). Languages without rules of their own are not known.
    pub fn from_code(code: &str) -> Option<Language> {
        Some(match code.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Language::English,
            "de" => Language::German,
            "it" => Language::Italian,
            "la" => Language::Latin,
            "ru" => Language::Russian,
            _ => return None,
        })
    }

    /// The BCP 47 tag.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::Italian => "it",
            Language::Latin => "la",
            Language::Russian => "ru",
        }
    }

    /// The likeliest language of some words, by script, short words and typical letters.
    pub fn guess(words: &[&str]) -> Language {
        // Short words that only this language has, and letter sequences that are typical of it.
        const HINTS: [(Language, &[&str], &[&str]); 4] = [
            (
                Language::German,
                &[
                    "und", "der", "die", "das", "ich", "nicht", "ein", "ist", "mit", "dem", "auf", "zu", "du", "den",
                    "es",
                ],
                &["ä", "ö", "ü", "ß", "sch", "ei", "cht", "ch", "tz", "nd"],
            ),
            (
                Language::Italian,
                &["che", "di", "il", "la", "non", "mi", "per", "un", "del", "è", "con", "lo", "sei", "mio", "più"],
                &["gli", "zz", "cch", "ion", "à", "è", "ì", "ò", "ù", "gn"],
            ),
            (
                Language::Latin,
                &[
                    "et", "est", "cum", "qui", "ave", "nobis", "dei", "deus", "pro", "nunc", "sancta", "maria", "tu",
                    "te",
                ],
                &["ae", "us", "um", "æ", "œ", "is", "tio", "nct"],
            ),
            (
                Language::English,
                &[
                    "the", "and", "of", "to", "you", "my", "with", "it", "a", "for", "thy", "i", "is", "shall", "your",
                    "oh",
                ],
                &["th", "w", "y", "k", "ee", "oo", "ou", "sh", "ing", "'s", "ck"],
            ),
        ];
        let clean: Vec<String> = words.iter().map(|w| normalise(w)).collect();
        if clean.iter().flat_map(|w| w.chars()).any(|c| matches!(c, 'а'..='я' | 'ё')) {
            return Language::Russian;
        }
        let score = |(_, common, sequences): &(Language, &[&str], &[&str])| -> usize {
            let words = clean.iter().filter(|w| common.contains(&w.as_str())).count();
            3 * words + clean.iter().map(|w| sequences.iter().filter(|s| w.contains(**s)).count()).sum::<usize>()
        };
        HINTS
            .iter()
            .max_by_key(|hint| score(hint))
            .filter(|hint| score(hint) > 0)
            .map_or(Language::English, |hint| hint.0)
    }
}

/// A word as the rules want it: lower case, letters and inner apostrophes only, one kind of apostrophe.
fn normalise(word: &str) -> String {
    let lower = word.to_lowercase().replace(['’', 'ʼ', '‘'], "'");
    lower.chars().filter(|c| c.is_alphabetic() || *c == '\'').collect()
}

/// The phones of one word, by the language's lexicon and rules. Letters of a foreign script are transcribed by the
/// rules of a language that has them; what no rule knows is left out.
fn pronounce(word: &str, language: Language) -> Vec<Phone> {
    let word = normalise(word);
    let cyrillic = word.chars().any(|c| matches!(c, 'а'..='я' | 'ё'));
    match language {
        _ if cyrillic => russian::pronounce(&word),
        Language::English => english::pronounce(&word),
        Language::German => german::pronounce(&word),
        Language::Italian => italian::pronounce(&word, false),
        Language::Latin => italian::pronounce(&word, true),
        // Russian songs with Latin letters are transliterations; those are read letter by letter, as Italian nearly is.
        Language::Russian => italian::pronounce(&word, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        let guess = |text: &str| Language::guess(&text.split_whitespace().collect::<Vec<_>>());
        assert_eq!(guess("Give me your answer do I'm half crazy all for the love of you"), Language::English);
        assert_eq!(guess("Philomel with melody sing in our sweet lullaby"), Language::English);
        assert_eq!(guess("In einem Bächlein helle, da schoss in froher Eil"), Language::German);
        assert_eq!(guess("La donna è mobile qual piuma al vento"), Language::Italian);
        assert_eq!(guess("Ave Maria gratia plena Dominus tecum benedicta tu"), Language::Latin);
        assert_eq!(guess("Ой полна"), Language::Russian);
        assert_eq!(guess("brr"), Language::English);
    }
}
