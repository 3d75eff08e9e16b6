//! The phonemes a song can hold: IPA symbol, manner, length, and where the vocal tract resonates.
//!
//! Formants are those of an adult male speaker, hertz; [`crate::song::voice`] scales them to a voice type.
//! Vowels `i ɪ ɛ æ ɑ ɔ ʊ u ʌ ɝ`: Peterson & Barney, "Control methods used in a study of the vowels" (JASA 24, 1952),
//! men's means. `a e o ɨ y ø œ ə`: between them, after Catford, "A Practical Introduction to Phonetics" (1988).
//! Nasal vowels: Delvaux, Metens & Soquet, "Propriétés acoustiques et articulatoires des voyelles nasales du français"
//! (JEP 2002), means rounded; ɤ: Howie, "Acoustical Studies of Mandarin Vowels and Tones" (1976).
//! Consonants: loci and bandwidths after Klatt, "Software for a cascade/parallel formant synthesizer" (JASA 67, 1980),
//! tables II and III; locus slopes after Sussman et al. (JASA 90, 1991).

/// How a phoneme is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Carries a syllable.
    Vowel,
    /// j, w: a vowel too short to carry one.
    Glide,
    /// l and its kin, and the English r.
    Liquid,
    /// One or more taps of the tongue tip.
    Trill,
    /// m, n and their kin.
    Nasal,
    /// A hiss.
    Fricative,
    /// A closure and its burst.
    Stop,
    /// A closure that opens into a hiss.
    Affricate,
}

/// Spectrum of a fricative's or burst's noise: two resonances and a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Noise {
    /// Centre and bandwidth of the main resonance, hertz.
    pub main: (f32, f32),
    /// Centre and bandwidth of the second, hertz.
    pub second: (f32, f32),
    /// Level against a full vowel, dB.
    pub level: f32,
}

/// A phoneme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Phoneme {
    /// IPA symbol.
    pub symbol: &'static str,
    /// How it is made.
    pub manner: Manner,
    /// The vocal folds vibrate.
    pub voiced: bool,
    /// F1, F2, F3 in hertz: the target of a sonorant, the locus of another consonant.
    pub formants: [f32; 3],
    /// How far F2 follows the neighbouring vowel instead of the locus, 0..1 (slope of the locus equation).
    pub follow: f32,
    /// Where a diphthong glides to.
    pub glide: Option<[f32; 3]>,
    /// Its noise, for fricatives, stops and affricates.
    pub noise: Noise,
    /// Usual length of a consonant in singing, seconds.
    pub length: f32,
}

impl Phoneme {
    /// Carries a syllable.
    pub(crate) fn is_vowel(&self) -> bool {
        self.manner == Manner::Vowel
    }

    /// Lips meet: p, b, m.
    pub(crate) fn closes_lips(&self) -> bool {
        matches!(self.symbol, "p" | "b" | "m")
    }
}

const SILENT: Noise = Noise { main: (1000.0, 1000.0), second: (3000.0, 2000.0), level: -120.0 };

const fn vowel(symbol: &'static str, f1: f32, f2: f32, f3: f32) -> Phoneme {
    let formants = [f1, f2, f3];
    Phoneme {
        symbol,
        manner: Manner::Vowel,
        voiced: true,
        formants,
        follow: 0.0,
        glide: None,
        noise: SILENT,
        length: 0.1,
    }
}

const fn diphthong(symbol: &'static str, from: [f32; 3], to: [f32; 3]) -> Phoneme {
    let Phoneme { manner, voiced, follow, noise, length, .. } = vowel("", 0.0, 0.0, 0.0);
    Phoneme { symbol, manner, voiced, formants: from, follow, glide: Some(to), noise, length }
}

const fn sonorant(symbol: &'static str, manner: Manner, formants: [f32; 3], follow: f32, length: f32) -> Phoneme {
    Phoneme { symbol, manner, voiced: true, formants, follow, glide: None, noise: SILENT, length }
}

const fn obstruent(
    (symbol, manner, voiced): (&'static str, Manner, bool),
    locus: [f32; 3],
    follow: f32,
    (main, second, level): ((f32, f32), (f32, f32), f32),
    length: f32,
) -> Phoneme {
    Phoneme {
        symbol,
        manner,
        voiced,
        formants: locus,
        follow,
        glide: None,
        noise: Noise { main, second, level },
        length,
    }
}

const LABIAL: [f32; 3] = [250.0, 900.0, 2300.0];
const CORONAL: [f32; 3] = [250.0, 1750.0, 2650.0];
const POSTALVEOLAR: [f32; 3] = [270.0, 1950.0, 2550.0];
const PALATAL: [f32; 3] = [260.0, 2250.0, 2950.0];
const VELAR: [f32; 3] = [260.0, 1600.0, 2200.0];

const UVULAR: [f32; 3] = [450.0, 1200.0, 2400.0];
const RETROFLEX: [f32; 3] = [290.0, 1700.0, 2150.0];

const P: ((f32, f32), (f32, f32), f32) = ((900.0, 900.0), (2400.0, 2500.0), -16.0);
const T: ((f32, f32), (f32, f32), f32) = ((4300.0, 1800.0), (6500.0, 3000.0), -11.0);
const K: ((f32, f32), (f32, f32), f32) = ((1900.0, 600.0), (4200.0, 2500.0), -12.0);
const S: ((f32, f32), (f32, f32), f32) = ((6300.0, 1900.0), (8800.0, 3000.0), -14.0);
const SH: ((f32, f32), (f32, f32), f32) = ((2900.0, 900.0), (5200.0, 2200.0), -13.0);
const CJ: ((f32, f32), (f32, f32), f32) = ((4000.0, 1100.0), (6300.0, 2500.0), -14.0);
const F: ((f32, f32), (f32, f32), f32) = ((1600.0, 2500.0), (7500.0, 6000.0), -24.0);
const TH: ((f32, f32), (f32, f32), f32) = ((1700.0, 2500.0), (6500.0, 5000.0), -26.0);
const X: ((f32, f32), (f32, f32), f32) = ((1500.0, 700.0), (3800.0, 2000.0), -17.0);
const RETRO: ((f32, f32), (f32, f32), f32) = ((2500.0, 800.0), (4700.0, 2200.0), -13.0);
const GAMMA: ((f32, f32), (f32, f32), f32) = ((1500.0, 800.0), (3800.0, 2000.0), -28.0);
const JOT: ((f32, f32), (f32, f32), f32) = ((3300.0, 1200.0), (5500.0, 2500.0), -26.0);
const UVULAR_R: ((f32, f32), (f32, f32), f32) = ((1250.0, 700.0), (3300.0, 2000.0), -24.0);
const C_CEDILLA: ((f32, f32), (f32, f32), f32) = ((3300.0, 1000.0), (5500.0, 2500.0), -18.0);

use Manner::{Affricate, Fricative, Glide, Liquid, Nasal, Stop, Trill};

/// Every phoneme the songs use.
pub(crate) const PHONEMES: &[Phoneme] = &[
    vowel("i", 270.0, 2290.0, 3010.0),
    vowel("ɪ", 390.0, 1990.0, 2550.0),
    vowel("e", 400.0, 2150.0, 2700.0),
    vowel("ɛ", 530.0, 1840.0, 2480.0),
    vowel("æ", 660.0, 1720.0, 2410.0),
    vowel("a", 750.0, 1300.0, 2500.0),
    vowel("ɑ", 730.0, 1090.0, 2440.0),
    vowel("ɔ", 570.0, 840.0, 2410.0),
    vowel("o", 430.0, 800.0, 2400.0),
    vowel("ʊ", 440.0, 1020.0, 2240.0),
    vowel("u", 300.0, 870.0, 2240.0),
    vowel("ʌ", 640.0, 1190.0, 2390.0),
    vowel("ə", 500.0, 1400.0, 2400.0),
    vowel("ɐ", 640.0, 1280.0, 2450.0),
    vowel("ɝ", 490.0, 1350.0, 1690.0),
    vowel("ɨ", 310.0, 1650.0, 2400.0),
    vowel("y", 280.0, 1850.0, 2150.0),
    vowel("ø", 390.0, 1550.0, 2150.0),
    vowel("œ", 530.0, 1500.0, 2250.0),
    vowel("ɤ", 480.0, 1180.0, 2450.0),
    vowel("ɑ̃", 620.0, 980.0, 2500.0),
    vowel("ɛ̃", 640.0, 1500.0, 2500.0),
    vowel("ɔ̃", 460.0, 780.0, 2500.0),
    vowel("œ̃", 580.0, 1350.0, 2450.0),
    diphthong("eɪ", [450.0, 2050.0, 2600.0], [300.0, 2250.0, 2900.0]),
    diphthong("aɪ", [740.0, 1280.0, 2480.0], [350.0, 2100.0, 2700.0]),
    diphthong("ɔɪ", [560.0, 860.0, 2410.0], [350.0, 2050.0, 2650.0]),
    diphthong("oʊ", [500.0, 930.0, 2350.0], [340.0, 850.0, 2250.0]),
    diphthong("aʊ", [740.0, 1300.0, 2450.0], [380.0, 900.0, 2250.0]),
    sonorant("j", Glide, PALATAL, 0.05, 0.06),
    sonorant("ɥ", Glide, [270.0, 1850.0, 2150.0], 0.05, 0.06),
    sonorant("w", Glide, [290.0, 640.0, 2200.0], 0.05, 0.07),
    sonorant("l", Liquid, [360.0, 1200.0, 2700.0], 0.2, 0.07),
    sonorant("ɫ", Liquid, [400.0, 850.0, 2600.0], 0.1, 0.07),
    sonorant("ʎ", Liquid, [300.0, 2050.0, 2800.0], 0.05, 0.08),
    sonorant("ɹ", Liquid, [330.0, 1150.0, 1580.0], 0.1, 0.07),
    sonorant("ɻ", Liquid, [330.0, 1300.0, 1750.0], 0.1, 0.08),
    sonorant("r", Trill, [430.0, 1400.0, 2400.0], 0.4, 0.09),
    sonorant("ɾ", Trill, [400.0, 1500.0, 2450.0], 0.5, 0.045),
    sonorant("m", Nasal, LABIAL, 0.7, 0.085),
    sonorant("n", Nasal, CORONAL, 0.4, 0.075),
    sonorant("ɲ", Nasal, PALATAL, 0.1, 0.085),
    sonorant("ŋ", Nasal, VELAR, 0.7, 0.085),
    obstruent(("p", Stop, false), LABIAL, 0.7, P, 0.1),
    obstruent(("b", Stop, true), LABIAL, 0.7, P, 0.08),
    obstruent(("t", Stop, false), CORONAL, 0.4, T, 0.1),
    obstruent(("d", Stop, true), CORONAL, 0.4, T, 0.07),
    obstruent(("k", Stop, false), VELAR, 0.7, K, 0.1),
    obstruent(("ɡ", Stop, true), VELAR, 0.7, K, 0.08),
    obstruent(("f", Fricative, false), LABIAL, 0.6, F, 0.1),
    obstruent(("v", Fricative, true), LABIAL, 0.6, F, 0.075),
    obstruent(("θ", Fricative, false), [270.0, 1500.0, 2550.0], 0.4, TH, 0.1),
    obstruent(("ð", Fricative, true), [270.0, 1500.0, 2550.0], 0.4, TH, 0.06),
    obstruent(("s", Fricative, false), CORONAL, 0.4, S, 0.11),
    obstruent(("z", Fricative, true), CORONAL, 0.4, S, 0.085),
    obstruent(("ʃ", Fricative, false), POSTALVEOLAR, 0.3, SH, 0.11),
    obstruent(("ʒ", Fricative, true), POSTALVEOLAR, 0.3, SH, 0.085),
    obstruent(("ɕ", Fricative, false), PALATAL, 0.1, CJ, 0.13),
    obstruent(("x", Fricative, false), VELAR, 0.7, X, 0.1),
    obstruent(("ç", Fricative, false), PALATAL, 0.1, C_CEDILLA, 0.1),
    obstruent(("β", Fricative, true), LABIAL, 0.6, F, 0.06),
    obstruent(("ɣ", Fricative, true), VELAR, 0.7, GAMMA, 0.06),
    obstruent(("ʝ", Fricative, true), PALATAL, 0.1, JOT, 0.075),
    obstruent(("ʁ", Fricative, true), UVULAR, 0.5, UVULAR_R, 0.07),
    obstruent(("ʂ", Fricative, false), RETROFLEX, 0.3, RETRO, 0.12),
    obstruent(("h", Fricative, false), [500.0, 1500.0, 2500.0], 1.0, ((1500.0, 2000.0), (3500.0, 3000.0), -60.0), 0.07),
    obstruent(("tʃ", Affricate, false), POSTALVEOLAR, 0.3, SH, 0.13),
    obstruent(("dʒ", Affricate, true), POSTALVEOLAR, 0.3, SH, 0.11),
    obstruent(("ts", Affricate, false), CORONAL, 0.4, S, 0.13),
    obstruent(("dz", Affricate, true), CORONAL, 0.4, S, 0.11),
    obstruent(("tɕ", Affricate, false), PALATAL, 0.1, CJ, 0.13),
    obstruent(("tɕʰ", Affricate, false), PALATAL, 0.1, CJ, 0.16),
    obstruent(("tsʰ", Affricate, false), CORONAL, 0.4, S, 0.16),
    obstruent(("ʈʂ", Affricate, false), RETROFLEX, 0.3, RETRO, 0.12),
    obstruent(("ʈʂʰ", Affricate, false), RETROFLEX, 0.3, RETRO, 0.16),
];

/// A phoneme in a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Phone {
    /// Which.
    pub phoneme: &'static Phoneme,
    /// Palatalised (IPA ʲ): the tongue's middle is raised as for j.
    pub palatal: bool,
}

impl Phone {
    /// Finds a phone by its IPA symbol, a trailing ʲ allowed.
    pub(crate) fn parse(symbol: &str) -> Option<Phone> {
        let base = symbol.trim_end_matches('ʲ');
        let phoneme = PHONEMES.iter().find(|p| p.symbol == base)?;
        Some(Phone { phoneme, palatal: base.len() < symbol.len() })
    }

    /// IPA symbol.
    pub(crate) fn symbol(&self) -> String {
        format!("{}{}", self.phoneme.symbol, if self.palatal { "ʲ" } else { "" })
    }
}

/// Phones from IPA symbols separated by spaces; unknown symbols are left out.
pub(super) fn phones(text: &str) -> Vec<Phone> {
    text.split_whitespace().filter_map(Phone::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_found_and_unique() {
        for (i, phoneme) in PHONEMES.iter().enumerate() {
            assert_eq!(PHONEMES.iter().position(|p| p.symbol == phoneme.symbol), Some(i));
            assert_eq!(Phone::parse(phoneme.symbol).map(|p| p.symbol()), Some(phoneme.symbol.to_owned()));
        }
        assert!(Phone::parse("tʲ").is_some_and(|p| p.palatal && p.phoneme.symbol == "t"));
        assert_eq!(Phone::parse("?"), None);
    }
}
