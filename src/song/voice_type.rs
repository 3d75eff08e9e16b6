//! Voice types: range, vocal-tract size and manner of singing.

use serde::{Deserialize, Serialize};

/// A singer's voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoiceType {
    /// High female voice.
    Soprano,
    /// Low female voice.
    Alto,
    /// High male voice.
    Tenor,
    /// Middle male voice.
    Baritone,
    /// Low male voice.
    Bass,
    /// A child of about eight.
    Child,
    /// A machine: steps instead of glides, no vibrato, nothing uneven.
    Robot,
}

/// How a voice type differs from the adult male speaker of the phoneme table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Character {
    /// Formant frequencies are multiplied by it: the vocal tract's length, inverted (Fant, "Acoustic Theory of Speech
    /// Production", 1960: women's tracts are some 15 % shorter).
    pub scale: f32,
    /// F4 and F5, hertz. In male voices they lie close together, the singer's formant (Sundberg, JASA 55, 1974).
    pub upper: [f32; 2],
    /// How far F3 is drawn towards the singer's formant, 0..1, and where that lies, hertz.
    pub cluster: (f32, f32),
    /// Vibrato rate in hertz and peak deviation in cents (Prame, JASA 96, 1994 and 102, 1997: 6 Hz, up to 70 cents).
    pub vibrato: (f32, f32),
    /// Comfortable centre of the range, MIDI number.
    pub centre: f32,
    /// Moves in steps, evenly, and without vibrato.
    pub machine: bool,
}

impl VoiceType {
    pub(super) fn character(self) -> Character {
        match self {
            VoiceType::Soprano => Character {
                scale: 1.18,
                upper: [3900.0, 4700.0],
                cluster: (0.0, 2900.0),
                vibrato: (5.9, 42.0),
                centre: 74.0,
                machine: false,
            },
            VoiceType::Alto => Character {
                scale: 1.13,
                upper: [3600.0, 4400.0],
                cluster: (0.15, 2800.0),
                vibrato: (5.6, 36.0),
                centre: 67.0,
                machine: false,
            },
            VoiceType::Tenor => Character {
                scale: 1.04,
                upper: [2950.0, 3350.0],
                cluster: (0.5, 2620.0),
                vibrato: (5.6, 40.0),
                centre: 60.0,
                machine: false,
            },
            VoiceType::Bass => Character {
                scale: 0.97,
                upper: [2700.0, 3050.0],
                cluster: (0.5, 2400.0),
                vibrato: (5.2, 36.0),
                centre: 52.0,
                machine: false,
            },
            VoiceType::Baritone => Character {
                scale: 1.0,
                upper: [2820.0, 3200.0],
                cluster: (0.5, 2500.0),
                vibrato: (5.4, 38.0),
                centre: 56.0,
                machine: false,
            },
            // Vocal tracts at eight are a quarter shorter than men's (Fitch & Giedd, JASA 106, 1999).
            VoiceType::Child => Character {
                scale: 1.3,
                upper: [4400.0, 5300.0],
                cluster: (0.0, 3300.0),
                vibrato: (5.5, 12.0),
                centre: 70.0,
                machine: false,
            },
            VoiceType::Robot => Character {
                scale: 1.06,
                upper: [3300.0, 3900.0],
                cluster: (0.0, 2600.0),
                vibrato: (5.5, 0.0),
                centre: 57.0,
                machine: true,
            },
        }
    }

    /// From a part's name, in the words scores use.
    pub(super) fn from_name(name: &str) -> Option<VoiceType> {
        let name = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        Some(if has(&["sopran", "treble", "mezzo"]) {
            VoiceType::Soprano
        } else if has(&["alto", "contralto", "altstimme"]) {
            VoiceType::Alto
        } else if has(&["tenor", "ténor"]) {
            VoiceType::Tenor
        } else if has(&["bariton", "barítono"]) {
            VoiceType::Baritone
        } else if has(&["bass"]) {
            VoiceType::Bass
        } else if has(&["child", "kind", "enfant", "niñ"]) {
            VoiceType::Child
        } else if has(&["robot"]) {
            VoiceType::Robot
        } else {
            return None;
        })
    }

    /// From the pitches sung (MIDI numbers): the voice whose centre is nearest to their median.
    pub(super) fn for_range(mut pitches: Vec<f32>) -> VoiceType {
        let median = median(&mut pitches);
        let all = [VoiceType::Soprano, VoiceType::Alto, VoiceType::Tenor, VoiceType::Bass];
        let distance = |voice: &VoiceType| (voice.character().centre - median).abs();
        all.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(VoiceType::Alto)
    }

    /// Octaves by which to move pitches (MIDI numbers) so that their median comes nearest to this voice's centre.
    pub(super) fn octaves_from(self, mut pitches: Vec<f32>) -> f32 {
        ((self.character().centre - median(&mut pitches)) / 12.0).round()
    }
}

fn median(pitches: &mut [f32]) -> f32 {
    pitches.sort_by(f32::total_cmp);
    pitches.get(pitches.len() / 2).copied().unwrap_or(60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_fit_names_and_ranges() {
        assert_eq!(VoiceType::from_name("Mezzo-Soprano"), Some(VoiceType::Soprano));
        assert_eq!(VoiceType::from_name("Singstimme"), None);
        assert_eq!(VoiceType::for_range(vec![55.0, 60.0, 62.0]), VoiceType::Tenor);
        assert_eq!(VoiceType::Bass.octaves_from(vec![64.0, 66.0]), -1.0);
    }
}
