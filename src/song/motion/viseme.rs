//! The mouth's shape for each phoneme, as ARKit coefficients of a full, loud, mid-pitched singing voice.
//!
//! Jaw height follows vowel height and rounding the vowel's own (IPA chart); consonants take the classes of
//! Cohen & Massaro, "Modeling coarticulation in synthetic visual speech" (Computer Animation '93).

use crate::song::words::{Manner, Phoneme};

/// Coefficients 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Shape {
    pub jaw: f32,
    pub funnel: f32,
    pub pucker: f32,
    pub stretch: f32,
    pub lower_down: f32,
    pub upper_up: f32,
    pub roll_lower: f32,
    /// The tongue seen between the teeth.
    pub tongue: f32,
    /// The tongue's tip raised to the upper teeth and the ridge behind them.
    pub tongue_up: f32,
}

/// How strongly a phoneme insists on its jaw and on its lips, against its neighbours, 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dominance {
    pub jaw: f32,
    pub lips: f32,
}

const fn vowel(jaw: f32, funnel: f32, pucker: f32, stretch: f32) -> Shape {
    Shape {
        jaw,
        funnel,
        pucker,
        stretch,
        lower_down: 0.10 + 0.35 * jaw,
        upper_up: 0.04 + 0.16 * jaw,
        roll_lower: 0.0,
        tongue: 0.0,
        tongue_up: 0.0,
    }
}

/// Shapes in order; a diphthong has two.
pub(super) fn shapes(phoneme: &Phoneme) -> (Shape, Option<Shape>) {
    let single = |shape| (shape, None);
    match phoneme.symbol {
        "eɪ" => (shape("e"), Some(shape("ɪ"))),
        "aɪ" => (shape("a"), Some(shape("ɪ"))),
        "ɔɪ" => (shape("ɔ"), Some(shape("ɪ"))),
        "oʊ" => (shape("o"), Some(shape("ʊ"))),
        "aʊ" => (shape("a"), Some(shape("ʊ"))),
        symbol => single(Shape { tongue_up: tongue_up(symbol), ..shape(symbol) }),
    }
}

fn shape(symbol: &str) -> Shape {
    let none = Shape::default();
    match symbol {
        "a" | "ɑ̃" => vowel(0.66, 0.0, 0.0, 0.05),
        "ɑ" => vowel(0.66, 0.04, 0.0, 0.0),
        "æ" => vowel(0.60, 0.0, 0.0, 0.22),
        "ɐ" => vowel(0.54, 0.0, 0.0, 0.05),
        "ʌ" => vowel(0.50, 0.02, 0.0, 0.0),
        "ɛ" | "ɛ̃" => vowel(0.46, 0.0, 0.0, 0.20),
        "e" => vowel(0.34, 0.0, 0.0, 0.26),
        "ə" | "ɤ" => vowel(0.34, 0.04, 0.0, 0.03),
        "ɝ" => vowel(0.30, 0.22, 0.20, 0.0),
        "ɪ" => vowel(0.27, 0.0, 0.0, 0.24),
        "i" => vowel(0.20, 0.0, 0.0, 0.36),
        "ɨ" => vowel(0.22, 0.0, 0.0, 0.22),
        "y" => vowel(0.17, 0.30, 0.62, 0.0),
        "ø" => vowel(0.29, 0.36, 0.40, 0.0),
        "œ" | "œ̃" => vowel(0.40, 0.34, 0.25, 0.0),
        "ɔ" | "ɔ̃" => vowel(0.52, 0.38, 0.14, 0.0),
        "o" => vowel(0.38, 0.45, 0.34, 0.0),
        "ʊ" => vowel(0.25, 0.34, 0.45, 0.0),
        "u" => vowel(0.18, 0.32, 0.68, 0.0),
        "w" | "ɥ" => Shape { jaw: 0.10, funnel: 0.30, pucker: 0.72, ..none },
        "j" | "ʝ" => Shape { jaw: 0.14, stretch: 0.25, lower_down: 0.12, upper_up: 0.05, ..none },
        "ɹ" | "ɻ" => Shape { jaw: 0.14, funnel: 0.22, pucker: 0.28, lower_down: 0.08, ..none },
        "r" | "ɾ" => Shape { jaw: 0.22, lower_down: 0.15, upper_up: 0.06, ..none },
        "l" | "ɫ" | "ʎ" => Shape { jaw: 0.24, lower_down: 0.15, upper_up: 0.06, tongue: 0.06, ..none },
        "n" | "ɲ" | "t" | "d" => Shape { jaw: 0.14, lower_down: 0.15, upper_up: 0.05, stretch: 0.06, ..none },
        "k" | "ɡ" | "ŋ" | "x" | "ɣ" | "ʁ" => Shape { jaw: 0.20, lower_down: 0.12, upper_up: 0.05, ..none },
        "h" => Shape { jaw: 0.22, lower_down: 0.1, upper_up: 0.05, ..none },
        "s" | "z" | "ts" | "tsʰ" | "dz" => {
            Shape { jaw: 0.05, lower_down: 0.22, upper_up: 0.12, stretch: 0.18, ..none }
        }
        "ʃ" | "ʒ" | "tʃ" | "dʒ" | "ʂ" | "ʈʂ" | "ʈʂʰ" => {
            Shape { jaw: 0.07, funnel: 0.42, pucker: 0.22, lower_down: 0.15, upper_up: 0.1, ..none }
        }
        "ɕ" | "ç" | "tɕ" | "tɕʰ" => Shape { jaw: 0.07, stretch: 0.18, lower_down: 0.2, upper_up: 0.1, ..none },
        "θ" | "ð" => Shape { jaw: 0.13, lower_down: 0.14, upper_up: 0.06, tongue: 0.22, ..none },
        // The lower lip rises to the upper teeth.
        "f" | "v" => Shape { jaw: 0.06, upper_up: 0.16, roll_lower: 0.48, ..none },
        // Lips meet; the closure itself is laid over everything in `mouth`.
        "p" | "b" | "m" | "β" => Shape { jaw: 0.07, ..none },
        _ => none,
    }
}

/// How far a consonant raises the tip of the tongue, 0..1.
fn tongue_up(symbol: &str) -> f32 {
    match symbol {
        "l" | "n" | "t" | "d" | "ts" | "tsʰ" | "dz" => 1.0,
        "ɫ" | "r" | "ɾ" => 0.8,
        // Between the teeth, so no longer behind the upper ones.
        "θ" | "ð" => 0.6,
        "ɹ" | "ɻ" | "ʈʂ" | "ʈʂʰ" | "ʂ" | "tʃ" | "dʒ" => 0.6,
        "s" | "z" | "ʃ" | "ʒ" => 0.4,
        "ɲ" | "ʎ" | "tɕ" | "tɕʰ" | "ɕ" => 0.3,
        _ => 0.0,
    }
}

pub(super) fn dominance(phoneme: &Phoneme) -> Dominance {
    let (jaw, lips) = match (phoneme.manner, phoneme.symbol) {
        (Manner::Vowel, _) => (1.0, 1.0),
        (_, "p" | "b" | "m") => (1.0, 0.25),
        (_, "f" | "v") => (1.0, 0.9),
        (
            _,
            "s" | "z" | "ts" | "tsʰ" | "dz" | "ʃ" | "ʒ" | "tʃ" | "dʒ" | "ɕ" | "ç" | "tɕ" | "tɕʰ" | "ʂ" | "ʈʂ" | "ʈʂʰ",
        ) => (0.95, 0.75),
        (_, "w" | "ɥ" | "ɹ" | "ɻ") => (0.7, 0.9),
        (_, "θ" | "ð") => (0.8, 0.5),
        (_, "t" | "d" | "n" | "ɲ" | "j") => (0.65, 0.3),
        (_, "h") => (0.08, 0.05),
        _ => (0.4, 0.2),
    };
    Dominance { jaw, lips }
}
