//! Which instrument plays a part.

use super::{pluck, tone};
use crate::song::score::{PlayedNote, PlayedPart};

/// An instrument of the band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    /// Guitar, harp, balalaika, pizzicato.
    Plucked,
    /// Piano and whatever is not known.
    Piano,
    /// Accordion, organ, harmonium.
    Reed,
    /// Bowed strings, and voices that hum along.
    Strings,
}

impl Instrument {
    /// From a part's name, else from its General MIDI program, else a piano.
    pub(super) fn of(part: &PlayedPart) -> Instrument {
        let name = part.name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["guitar", "harp", "balalaika", "mandolin", "banjo", "lute", "ukulele", "pizz", "chitarra", "domra"]) {
            return Instrument::Plucked;
        }
        if has(&["accordion", "organ", "harmonium", "bayan", "баян", "concertina", "reed"]) {
            return Instrument::Reed;
        }
        if has(&[
            "violin", "viola", "cello", "string", "soprano", "alto", "tenor", "bass", "voice", "flute", "clarinet",
        ]) {
            return Instrument::Strings;
        }
        match part.program {
            Some(17..=24) => Instrument::Reed,
            Some(25..=40 | 46..=47 | 105..=108) => Instrument::Plucked,
            Some(41..=45 | 49..=80) => Instrument::Strings,
            _ => Instrument::Piano,
        }
    }

    /// Plays a note: `add` gets sample positions (mono) and values. `part` tells equal notes of two parts apart.
    pub(super) fn play(self, note: &PlayedNote, part: u32, add: impl FnMut(usize, f32)) {
        match self {
            Instrument::Plucked => pluck::play(note, part, add),
            Instrument::Piano => tone::piano(note, add),
            Instrument::Reed => tone::reed(note, add),
            Instrument::Strings => tone::strings(note, add),
        }
    }
}
