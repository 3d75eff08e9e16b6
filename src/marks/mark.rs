//! One mark found in a file, whoever put it there.

use serde::Serialize;

/// The most characters of a name or a detail taken from a file: what is longer is cut, with an ellipsis.
const LONGEST: usize = 300;

/// One mark, as `marks::list` found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Where it is written.
    pub layer: Layer,
    /// What it says of the file.
    pub says: Says,
    /// Whether it names Portraoke as the maker. Anybody can write that: only a signature by a known key would prove it.
    pub ours: bool,
    /// Who made the file according to the mark: a program, a company, a certificate's subject.
    pub by: Option<String>,
    /// What stands behind the mark.
    pub trust: Trust,
    /// Further fields by the names of their standard, as they stand in the file: `("ProduceID", "...")`.
    pub details: Vec<(String, String)>,
}

/// The kinds of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// A comment or description in words.
    Text,
    /// IPTC's digital source type, in XMP.
    Iptc,
    /// The label of China's GB 45438-2025.
    Aigc,
    /// A C2PA manifest ("Content Credentials").
    C2pa,
    /// Our invisible watermark.
    Watermark,
}

/// What a mark says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Made by a trained network, wholly or in part.
    Generated,
    /// Possibly or suspectedly so (AIGC labels 2 and 3).
    PerhapsGenerated,
    /// Composed or edited by other means.
    Edited,
    /// Taken by a camera, a microphone or from a screen.
    Captured,
    /// Nothing of where it comes from, or in words unknown to us.
    Unknown,
}

/// What stands behind a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Trust {
    /// Nothing: anybody can write, change or remove it.
    Unsigned,
    /// A signature that fits this file, by a key that vouches for itself: the file is as it was signed, by nobody knows whom.
    SelfSigned,
    /// A signature that fits this file, by a key that somebody else certified; whether that one is to be trusted we do not know.
    Certified {
        /// Who certified the key, by the certificate's own words.
        issuer: String,
    },
    /// A signature or hash that does not fit: the file was changed afterwards, or the mark was forged.
    Broken {
        /// What does not fit, one English sentence.
        why: String,
    },
    /// A signature of a kind that cannot be checked here.
    Unchecked {
        /// Why not, one English sentence.
        why: String,
    },
}

impl Mark {
    /// A mark without a signature.
    pub fn unsigned(layer: Layer, says: Says) -> Self {
        Self { layer, says, ours: false, by: None, trust: Trust::Unsigned, details: Vec::new() }
    }

    /// Names who made the file, by words out of the file; those of our own statements make the mark ours.
    pub fn by(mut self, name: &str) -> Self {
        self.ours = name.contains(super::PRODUCER);
        self.by = Some(tidy(name));
        self
    }

    /// Adds a field, by words out of the file. Empty ones are left out.
    pub fn with(mut self, field: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.details.push((tidy(field), tidy(value)));
        }
        self
    }
}

/// Words out of a file, fit to be shown: no control characters, and not endless.
fn tidy(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_out_of_a_file_are_cut_and_cleaned() {
        let mark =
            Mark::unsigned(Layer::Text, Says::Unknown).with("Comment", &"\u{1b}[31mx".repeat(1000)).with("Empty", "");
        assert_eq!(mark.details.len(), 1);
        assert_eq!(mark.details[0].1.chars().count(), LONGEST + 1);
        assert!(!mark.details[0].1.contains('\u{1b}'));
    }

    #[test]
    fn a_mark_is_ours_by_its_name_alone() {
        assert!(Mark::unsigned(Layer::Aigc, Says::Generated).by("Portraoke").ours);
        assert!(!Mark::unsigned(Layer::Aigc, Says::Generated).by("Somebody").ours);
    }
}
