//! Which instrument plays a part.

use super::{pluck, tone};
use crate::song::score::{PlayedNote, PlayedPart};

/// An instrument of the band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    /// Guitar, harp, balalaika, bass, pizzicato.
    Plucked,
    /// Piano and whatever is not known.
    Piano,
    /// Accordion, harmonium, harmonica, and reeds that are blown.
    Reed,
    /// Pipe organ.
    Organ,
    /// Bowed strings, brass.
    Strings,
    /// Flutes and whistles.
    Flute,
    /// Celesta, glockenspiel, music box.
    Bells,
    /// Other singers, on "ooh".
    Choir,
}

impl Instrument {
    /// From a part's name, else from its General MIDI program, else a piano.
    pub(super) fn of(part: &PlayedPart) -> Instrument {
        const NAMES: &[(Instrument, &[&str])] = &[
            (
                Instrument::Plucked,
                &[
                    "guitar",
                    "harp",
                    "balalaika",
                    "mandolin",
                    "banjo",
                    "lute",
                    "ukulele",
                    "pizz",
                    "chitarra",
                    "domra",
                    "contrabass",
                    "kontrabass",
                    "double bass",
                    "electric bass",
                    "bass guitar",
                    "guzheng",
                    "pipa",
                ],
            ),
            (Instrument::Organ, &["organ", "orgel", "orgue"]),
            (
                Instrument::Reed,
                &["accordion", "harmonium", "bayan", "баян", "concertina", "reed", "harmonica", "clarinet", "oboe"],
            ),
            (Instrument::Flute, &["flute", "flöte", "flauto", "piccolo", "recorder", "whistle", "ocarina"]),
            (Instrument::Bells, &["celesta", "glocken", "music box", "bell", "vibraphone", "xylophone", "marimba"]),
            (Instrument::Strings, &["violin", "viola", "cello", "string", "trumpet", "horn", "trombone"]),
        ];
        const SINGERS: &[&str] = &[
            "soprano", "sopran", "alto", "tenor", "bariton", "bass", "voice", "choir", "chor", "coro", "vocal", "canto",
        ];
        let name = part.name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if let Some((instrument, _)) = NAMES.iter().find(|(_, words)| has(words)) {
            return *instrument;
        }
        match part.program {
            Some(9..=15) => Instrument::Bells,
            Some(17..=21) => Instrument::Organ,
            Some(22..=24 | 65..=72) => Instrument::Reed,
            Some(16 | 25..=40 | 46..=47 | 105..=108) => Instrument::Plucked,
            Some(41..=45 | 49..=52 | 57..=64) => Instrument::Strings,
            Some(73..=80) => Instrument::Flute,
            Some(53..=55 | 89..=96) => Instrument::Choir,
            _ if has(SINGERS) => Instrument::Choir,
            _ => Instrument::Piano,
        }
    }

    /// Plays a note: `add` gets sample positions (mono) and values. `part` tells equal notes of two parts apart.
    pub(super) fn play(self, note: &PlayedNote, part: u32, add: impl FnMut(usize, f32)) {
        match self {
            Instrument::Plucked => pluck::play(note, part, add),
            Instrument::Piano => tone::piano(note, add),
            Instrument::Reed => tone::reed(note, add),
            Instrument::Organ => tone::organ(note, add),
            Instrument::Strings => tone::strings(note, add),
            Instrument::Flute => tone::flute(note, add),
            Instrument::Bells => tone::bells(note, add),
            Instrument::Choir => tone::choir(note, add),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, program: Option<u8>) -> PlayedPart {
        PlayedPart { name: name.to_owned(), program, notes: Vec::new() }
    }

    #[test]
    fn names_and_programs_choose_the_instrument() {
        assert_eq!(Instrument::of(&part("Tenor 2", None)), Instrument::Choir);
        assert_eq!(Instrument::of(&part("Bass", Some(34))), Instrument::Plucked);
        assert_eq!(Instrument::of(&part("Bass", None)), Instrument::Choir);
        assert_eq!(Instrument::of(&part("Part 3", Some(54))), Instrument::Choir);
        assert_eq!(Instrument::of(&part("Flöte", None)), Instrument::Flute);
        assert_eq!(Instrument::of(&part("", None)), Instrument::Piano);
    }

    #[test]
    fn every_instrument_sounds_in_tune_and_falls_silent() {
        use Instrument::{Bells, Choir, Flute, Organ, Piano, Plucked, Reed, Strings};
        let note = PlayedNote { start: 0.1, end: 0.9, pitch: 69.0, loudness: 0.7 };
        for instrument in [Plucked, Piano, Reed, Organ, Strings, Flute, Bells, Choir] {
            let mut samples = vec![0f32; 96_000];
            instrument.play(&note, 0, |i, s| samples[i] += s);
            let peak = samples.iter().fold(0f32, |peak, s| peak.max(s.abs()));
            assert!((0.03..1.0).contains(&peak), "{instrument:?}: {peak}");
            assert!(samples[..4700].iter().chain(&samples[90_000..]).all(|s| *s == 0.0), "{instrument:?}");
            // A third of a second at 440 Hz and its neighbours a semitone off.
            let level = |hz: f64| {
                let (mut re, mut im) = (0f64, 0f64);
                for (i, sample) in samples.iter().enumerate().skip(12_000).take(16_000) {
                    let (sin, cos) = (std::f64::consts::TAU * hz * i as f64 / 48_000.0).sin_cos();
                    (re, im) = (re + f64::from(*sample) * cos, im + f64::from(*sample) * sin);
                }
                re.hypot(im)
            };
            let [flat, at, sharp] = [415.3, 440.0, 466.2].map(level);
            assert!(at > 3.0 * flat && at > 3.0 * sharp, "{instrument:?}: {flat} {at} {sharp}");
        }
    }
}
