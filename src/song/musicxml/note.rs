//! One written note: pitch, ties, slurs, articulation, and the syllables under it.

use super::{child, child_number, child_text};
use roxmltree::Node;

/// A written note (not a rest).
#[derive(Debug, Clone)]
pub(super) struct RawNote {
    /// Quarter notes from the bar's start.
    pub onset: f64,
    /// Quarter notes.
    pub length: f64,
    /// MIDI number, sounding.
    pub pitch: f32,
    /// Voice within the part, as written.
    pub voice: u32,
    /// Set beside the note before it, on the same stem.
    pub chord: bool,
    pub tie_start: bool,
    pub tie_stop: bool,
    /// Some for a grace note, until [`super::grace`] has given it its time.
    pub grace: Option<Grace>,
    pub fermata: bool,
    pub accent: bool,
    /// Share of the written length that sounds: less than 1 for staccato.
    pub sounding: f64,
    /// A breath mark or caesura follows.
    pub breath: bool,
    /// Slurs that start here less those that stop here.
    pub slurs: i32,
    /// Verse number and syllable.
    pub lyrics: Vec<(u32, RawSyllable)>,
}

/// How a grace note is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grace {
    /// With a stroke through its stem: as short as can be.
    pub slash: bool,
    /// Its written length, quarter notes.
    pub written: f64,
}

/// A syllable as written under a note.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawSyllable {
    /// Text; syllables elided into one note are joined by a no-break space.
    pub text: String,
    /// The word goes on in the next syllable.
    pub joined: bool,
    /// A line after the word says that it is held on the notes that follow.
    pub extended: bool,
}

/// MIDI number of a pitched note, as it sounds before transposition: MusicXML writes it so under octave clefs and
/// octave lines too. Values outside a piano's compass are damage and count as no note.
pub(super) fn pitch(note: Node<'_, '_>) -> Option<f32> {
    let pitch = child(note, "pitch")?;
    let step = match child_text(pitch, "step")? {
        "C" => 0.0,
        "D" => 2.0,
        "E" => 4.0,
        "F" => 5.0,
        "G" => 7.0,
        "A" => 9.0,
        "B" => 11.0,
        _ => return None,
    };
    let midi = step + 12.0 * (child_number(pitch, "octave")? + 1.0) + child_number(pitch, "alter").unwrap_or(0.0);
    (12.0..=120.0).contains(&midi).then_some(midi as f32)
}

/// Quarter notes that a note's look says it lasts: type, dots, tuplet.
pub(super) fn written_length(note: Node<'_, '_>) -> Option<f64> {
    let dots = note.children().filter(|n| n.has_tag_name("dot")).count() as i32;
    let tuplet = child(note, "time-modification").map_or(1.0, |n| {
        let ratio = child_number(n, "normal-notes").unwrap_or(1.0) / child_number(n, "actual-notes").unwrap_or(1.0);
        if (0.05..=20.0).contains(&ratio) { ratio } else { 1.0 }
    });
    Some(note_length(child_text(note, "type")?)? * (2.0 - 0.5f64.powi(dots)) * tuplet)
}

/// Quarter notes in a note value's name.
pub(super) fn note_length(name: &str) -> Option<f64> {
    Some(match name {
        "long" => 16.0,
        "breve" => 8.0,
        "whole" => 4.0,
        "half" => 2.0,
        "quarter" => 1.0,
        "eighth" => 0.5,
        "16th" => 0.25,
        "32nd" => 0.125,
        "64th" => 0.0625,
        _ => return None,
    })
}

pub(super) fn read_note(node: Node<'_, '_>, onset: f64, length: f64, pitch: f32) -> RawNote {
    let tie = |kind| node.children().any(|n| n.has_tag_name("tie") && n.attribute("type") == Some(kind));
    let notations = || node.children().filter(|n| n.has_tag_name("notations")).flat_map(|n| n.descendants());
    let marks: Vec<&str> = notations().map(|n| n.tag_name().name()).collect();
    let has = |names: &[&str]| names.iter().any(|name| marks.contains(name));
    let slurs = |kind| notations().filter(|n| n.has_tag_name("slur") && n.attribute("type") == Some(kind)).count();
    let mut lyrics: Vec<(u32, RawSyllable)> = Vec::new();
    for lyric in node.children().filter(|n| n.has_tag_name("lyric")) {
        let verse = lyric.attribute("number").and_then(verse_number).unwrap_or(lyrics.len() as u32 + 1);
        if let Some(syllable) = read_lyric(lyric) {
            lyrics.push((verse, syllable));
        }
    }
    RawNote {
        onset,
        length,
        pitch,
        voice: child_number(node, "voice").map_or(1, |voice| voice.clamp(0.0, 1e3) as u32),
        chord: child(node, "chord").is_some(),
        tie_start: tie("start"),
        tie_stop: tie("stop"),
        grace: child(node, "grace").map(|grace| Grace {
            slash: grace.attribute("slash") == Some("yes"),
            written: written_length(node).unwrap_or(0.5),
        }),
        fermata: has(&["fermata"]),
        accent: has(&["accent", "strong-accent"]),
        sounding: match () {
            // Dots under a slur, or with a line, are portato.
            () if has(&["detached-legato"]) || (has(&["staccato"]) && has(&["tenuto"])) => 0.8,
            () if has(&["staccatissimo", "spiccato"]) => 0.4,
            () if has(&["staccato"]) => 0.55,
            () => 1.0,
        },
        breath: has(&["breath-mark", "caesura"]),
        slurs: slurs("start") as i32 - slurs("stop") as i32,
        lyrics,
    }
}

/// "2", and also "2." and "part1verse2", as some exporters write.
fn verse_number(text: &str) -> Option<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).rfind(|digits| !digits.is_empty())?;
    digits.parse().ok().filter(|number| (1..=99).contains(number))
}

fn read_lyric(lyric: Node<'_, '_>) -> Option<RawSyllable> {
    let mut text = String::new();
    let mut joined = false;
    for item in lyric.children() {
        match item.tag_name().name() {
            "syllabic" => joined = matches!(item.text().map(str::trim), Some("begin" | "middle")),
            "elision" => text.push('\u{a0}'),
            "text" => {
                // Each text has one line under one note; longer ones are not lyrics.
                text.extend(item.text().unwrap_or_default().trim().chars().take(40));
            }
            _ => {}
        }
    }
    // "1. Sleep": the number of the verse is printed, not sung. A number alone is a word ("99 red balloons").
    let unnumbered = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c.is_whitespace());
    let sung = if unnumbered.is_empty() { text.trim() } else { unnumbered };
    // Hyphens and lines typed into the text do what the exporter's own would.
    let held = sung.ends_with('_');
    let sung = sung.trim_end_matches(['_', ' ']);
    let hyphen = sung.len() > 1 && sung.ends_with(['-', '\u{2010}', '\u{2011}']);
    let sung = if hyphen { sung.trim_end_matches(['-', '\u{2010}', '\u{2011}']) } else { sung };
    sung.chars().any(char::is_alphanumeric).then(|| RawSyllable {
        text: sung.to_owned(),
        joined: joined || hyphen,
        extended: held || child(lyric, "extend").is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lyric(xml: &str) -> Option<RawSyllable> {
        read_lyric(roxmltree::Document::parse(xml).expect("XML").root_element())
    }

    #[test]
    fn verses_are_numbered_in_many_ways() {
        for (text, number) in [("1", Some(1)), ("2.", Some(2)), ("part1verse3", Some(3)), ("chorus", None), ("0", None)]
        {
            assert_eq!(verse_number(text), number, "{text}");
        }
    }

    #[test]
    fn printed_numbers_hyphens_and_lines_are_not_sung() {
        for (xml, text, joined, extended) in [
            ("<lyric><text>1. Sleep</text></lyric>", "Sleep", false, false),
            ("<lyric><text>99</text></lyric>", "99", false, false),
            ("<lyric><text>Dai-</text></lyric>", "Dai", true, false),
            ("<lyric><text>home_</text></lyric>", "home", false, true),
            ("<lyric><syllabic>begin</syllabic><text>ma</text><extend/></lyric>", "ma", true, true),
            ("<lyric><text>na</text><elision>_</elision><text>è</text></lyric>", "na\u{a0}è", false, false),
        ] {
            let read = lyric(xml).expect(xml);
            assert_eq!((read.text.as_str(), read.joined, read.extended), (text, joined, extended), "{xml}");
        }
        assert_eq!(lyric("<lyric><extend/></lyric>"), None);
        assert_eq!(lyric("<lyric><text> — </text></lyric>"), None);
    }

    #[test]
    fn looks_tell_lengths() {
        let length = |xml: &str| written_length(roxmltree::Document::parse(xml).expect("XML").root_element());
        assert_eq!(length("<note><type>quarter</type><dot/><dot/></note>"), Some(1.75));
        let triplet =
            "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>";
        assert_eq!(length(&format!("<note><type>eighth</type>{triplet}</note>")), Some(1.0 / 3.0));
    }
}
