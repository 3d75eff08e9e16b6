//! Words to phonemes: which language, how a word is cut into syllables, how each syllable sounds.
//!
//! Rules carry every language, so that an unknown word never stops a song; English, whose spelling rules go wrong
//! most often, also has a lexicon of common words.

mod english;
pub(super) mod fit;
mod french;
mod german;
mod guess;
mod italian;
mod mandarin;
mod numbers;
mod phoneme;
mod russian;
mod spanish;
mod syllable;

pub(super) use mandarin::is_character;
pub(super) use phoneme::{Manner, Noise, Phone, Phoneme};
pub(super) use syllable::{SyllablePhones, liaison, phones_of_word};

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
    /// Standard French, as sung (mute e where the tune gives it a note).
    #[serde(rename = "fr")]
    French,
    /// American Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Standard Mandarin, in characters or pinyin, without tones.
    #[serde(rename = "zh")]
    Mandarin,
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
            "fr" => Language::French,
            "es" => Language::Spanish,
            "zh" | "cmn" => Language::Mandarin,
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
            Language::French => "fr",
            Language::Spanish => "es",
            Language::Mandarin => "zh",
        }
    }
}

/// A word as the rules want it: lower case, letters and inner apostrophes only, one kind of apostrophe.
fn normalise(word: &str) -> String {
    let lower = word.to_lowercase().replace(['’', 'ʼ', '‘'], "'");
    lower.chars().filter(|c| c.is_alphabetic() || *c == '\'').collect()
}

/// The phones of one word, by the language's lexicon and rules. Cyrillic and Chinese words are read as what they are
/// in every language; a word in a script that no rule knows is sung on "a", so that it never stops a song.
fn pronounce(word: &str, language: Language) -> Vec<Phone> {
    if let Some(names) = numbers::spoken(word, language) {
        return names.iter().flat_map(|name| name.split('-')).flat_map(|name| pronounce(name, language)).collect();
    }
    let word = normalise(word);
    let cyrillic = word.chars().any(|c| matches!(c, 'а'..='я' | 'ё'));
    match language {
        _ if cyrillic => russian::pronounce(&word),
        _ if word.chars().any(mandarin::is_character) => mandarin::pronounce(&word),
        _ if is_unreadable(&word) => Phone::parse("a").into_iter().collect(),
        Language::English => english::pronounce(&word),
        Language::German => german::pronounce(&word),
        Language::Italian => italian::pronounce(&word, false),
        Language::Latin => italian::pronounce(&word, true),
        Language::French => french::pronounce(&word, false),
        Language::Spanish => spanish::pronounce(&word),
        Language::Mandarin if mandarin::is_pinyin(&word) => mandarin::pronounce(&word),
        // Foreign words in Russian and Chinese songs are mostly names, and read letter by letter, as Italian nearly is.
        Language::Russian | Language::Mandarin => italian::pronounce(&word, true),
    }
}

/// Whether no letter of the word is in a script that is read here: Latin, Cyrillic, Chinese.
pub(super) fn is_unreadable(word: &str) -> bool {
    let readable = |c: char| {
        matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{400}'..='\u{4ff}') || mandarin::is_character(c)
    };
    word.chars().any(char::is_alphabetic) && !word.chars().any(readable)
}
