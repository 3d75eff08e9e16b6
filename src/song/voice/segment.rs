//! Phonemes to acoustic segments: closure, burst, aspiration, frication, voicing, formant targets.
//!
//! The scheme is Klatt's (JASA 67, 1980): each segment has targets, and [`super::control`] glides between them.

use crate::song::timeline::{Role, TimedPhone, Timeline};
use crate::song::words::{Language, Manner, Noise, Phone};

/// A stretch with one set of targets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Segment {
    /// Seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// F1, F2, F3 of an adult male, hertz.
    pub formants: [f32; 3],
    /// Those of the syllable's vowel, by which the voice is levelled.
    pub level_formants: [f32; 3],
    /// Amplitude of the voice, 1 in a vowel.
    pub voicing: f32,
    /// Amplitude of noise at the glottis.
    pub aspiration: f32,
    /// Amplitude of noise in the mouth.
    pub frication: f32,
    pub noise: Noise,
    /// Coupling of the nose, 0..1, and the frequency of the zero it brings, hertz.
    pub nasal: f32,
    pub nasal_zero: f32,
    /// Seconds that formants take to reach this segment's targets: before its start and after it.
    pub approach: (f64, f64),
    /// A vowel: others glide into it, not it into them.
    pub vowel: bool,
    /// Nothing sounds.
    pub silent: bool,
}

/// From the release of a voiceless stop to the voice, seconds: Lisker & Abramson, "A cross-language study of voicing in
/// initial stops" (Word 20, 1964): English p 58, t 70, k 80 ms, some 25 in Romance and Slavic; after s hardly any.
fn voice_onset_time(symbol: &str, after_s: bool, language: Language) -> f64 {
    let aspirating = matches!(language, Language::English | Language::German | Language::Mandarin);
    match symbol {
        _ if after_s => 0.016,
        "p" if aspirating => 0.058,
        "t" if aspirating => 0.070,
        "k" if aspirating => 0.080,
        "p" => 0.014,
        "t" => 0.018,
        _ => 0.028,
    }
}

/// Cuts the timeline into segments that cover it without gaps.
pub(super) fn segments(timeline: &Timeline, language: Language) -> Vec<Segment> {
    let phones = &timeline.phones;
    let mut result: Vec<Segment> = Vec::new();
    for (i, timed) in phones.iter().enumerate() {
        let previous = i.checked_sub(1).map(|j| phones[j]);
        let next = phones.get(i + 1).copied();
        let last_end = result.last().map_or(0.0, |s| s.end);
        let vowel = vowel_of(phones, i);
        let formants = targets(timed, vowel);
        if timed.start - last_end > 1e-6 {
            result.push(Segment { start: last_end, end: timed.start, ..silence(formants, vowel) });
        }
        let base = Segment { start: timed.start, end: timed.end, silent: false, ..silence(formants, vowel) };
        push_phone(&mut result, timed, previous, next, base, language);
    }
    if let Some(last) = result.last().copied() {
        result.push(Segment { start: last.end, end: f64::INFINITY, ..silence(last.formants, last.level_formants) });
    }
    result
}

fn silence(formants: [f32; 3], level_formants: [f32; 3]) -> Segment {
    Segment {
        start: 0.0,
        end: 0.0,
        formants,
        level_formants,
        voicing: 0.0,
        aspiration: 0.0,
        frication: 0.0,
        noise: Noise { main: (1500.0, 1500.0), second: (4000.0, 3000.0), level: -120.0 },
        nasal: 0.0,
        nasal_zero: 1200.0,
        approach: (0.03, 0.03),
        vowel: false,
        silent: true,
    }
}

fn push_phone(
    out: &mut Vec<Segment>,
    timed: &TimedPhone,
    previous: Option<TimedPhone>,
    next: Option<TimedPhone>,
    base: Segment,
    language: Language,
) {
    let phoneme = timed.phone.phoneme;
    let length = timed.end - timed.start;
    let level = 10f32.powf(phoneme.noise.level / 20.0);
    let base = Segment { noise: phoneme.noise, ..base };
    // A held (double) consonant closes once and opens once.
    let held = next.is_some_and(|n| n.phone.phoneme.symbol == phoneme.symbol && n.start - timed.end < 1e-6)
        || next.is_some_and(|n| starts_with_closure(n.phone, timed.phone) && n.start - timed.end < 1e-6);
    let reopened = previous.is_some_and(|p| p.phone == timed.phone && timed.start - p.end < 1e-6);
    match phoneme.manner {
        Manner::Vowel => {
            // A lowered velum couples the nose's pole and zero to the whole vowel (Delvaux et al. 2002).
            let nasal = if is_nasal_vowel(phoneme.symbol) { 0.55 } else { 0.0 };
            let vowel =
                Segment { voicing: 1.0, vowel: true, nasal, nasal_zero: 700.0, approach: (0.012, 0.045), ..base };
            match phoneme.glide {
                None => out.push(vowel),
                Some(to) => {
                    // The first target is held; the glide belongs to the end, as singers do it.
                    let turn = timed.end - (0.4 * length).min(0.13);
                    out.push(Segment { end: turn, ..vowel });
                    let glide = (0.3 * length).min(0.1);
                    out.push(Segment {
                        start: turn,
                        formants: to,
                        level_formants: to,
                        approach: (0.4 * glide, glide),
                        ..vowel
                    });
                }
            }
        }
        Manner::Glide => out.push(Segment { voicing: 0.7, approach: (0.05, 0.02), ..base }),
        Manner::Liquid => out.push(Segment { voicing: 0.65, approach: (0.04, 0.015), ..base }),
        Manner::Trill => push_trill(out, base, length),
        Manner::Nasal => {
            let zero = match phoneme.symbol {
                "m" => 1000.0,
                "n" => 1500.0,
                "ɲ" => 2000.0,
                _ => 2300.0,
            };
            let formants = [270.0, base.formants[1], base.formants[2]];
            out.push(Segment { formants, voicing: 0.6, nasal: 1.0, nasal_zero: zero, approach: (0.03, 0.012), ..base });
        }
        Manner::Fricative if phoneme.symbol == "h" => {
            out.push(Segment { aspiration: 0.36, approach: (0.03, 0.03), ..base });
        }
        // So lax that they are half vowels.
        Manner::Fricative if matches!(phoneme.symbol, "β" | "ð" | "ɣ" | "ʝ" | "ʁ") => {
            out.push(Segment { voicing: 0.5, frication: 0.6 * level, approach: (0.035, 0.012), ..base });
        }
        Manner::Fricative => {
            let voicing = if phoneme.voiced { 0.35 } else { 0.0 };
            let frication = if phoneme.voiced { 0.55 * level } else { level };
            out.push(Segment { voicing, frication, approach: (0.035, 0.01), ..base });
        }
        Manner::Stop => {
            let closure = Segment {
                formants: [220.0, base.formants[1], base.formants[2]],
                voicing: if phoneme.voiced { 0.14 } else { 0.0 },
                approach: (0.035, 0.0),
                ..base
            };
            if held {
                return out.push(closure);
            }
            let before_vowel = next.is_some_and(|n| n.phone.phoneme.voiced && n.start - timed.end < 1e-6);
            let after_s = previous.is_some_and(|p| p.phone.phoneme.symbol == "s" && timed.start - p.end < 1e-6);
            let wanted = if phoneme.voiced {
                0.004
            } else if before_vowel {
                voice_onset_time(phoneme.symbol, after_s, language)
            } else {
                0.025
            };
            let burst = 0.010_f64.min(0.25 * length);
            // Not `clamp`: a stop squeezed into a very short note is shorter than the least aspiration.
            let aspiration = (wanted - burst).max(0.004).min(0.5 * length);
            let release = timed.end - burst - aspiration;
            if !reopened || release > timed.start {
                out.push(Segment { end: release, ..closure });
            }
            let loud = if phoneme.voiced { 0.7 } else { 1.0 };
            let voicing = closure.voicing;
            out.push(Segment {
                start: release,
                end: timed.end - aspiration,
                frication: loud * level,
                voicing,
                approach: (0.0, 0.004),
                ..base
            });
            let breath = if phoneme.voiced { 0.0 } else { 0.3 };
            let voicing = if phoneme.voiced { 0.5 } else { 0.0 };
            out.push(Segment {
                start: timed.end - aspiration,
                frication: 0.25 * level,
                aspiration: breath,
                voicing,
                approach: (0.003, 0.006),
                ..base
            });
        }
        Manner::Affricate => {
            let release = timed.start + 0.42 * length;
            let voicing = if phoneme.voiced { 0.14 } else { 0.0 };
            out.push(Segment { end: release, voicing, approach: (0.035, 0.0), ..base });
            let frication = level * if phoneme.voiced { 0.7 } else { 1.0 };
            let voicing = if phoneme.voiced { 0.3 } else { 0.0 };
            let hiss = Segment { start: release, frication, voicing, approach: (0.002, 0.006), ..base };
            if !phoneme.symbol.ends_with('ʰ') {
                return out.push(hiss);
            }
            let breath = timed.end - (0.3 * length).min(0.05);
            out.push(Segment { end: breath, ..hiss });
            out.push(Segment {
                start: breath,
                frication: 0.2 * level,
                aspiration: 0.3,
                approach: (0.01, 0.01),
                ..base
            });
        }
    }
}

/// Written with the tilde of the IPA.
fn is_nasal_vowel(symbol: &str) -> bool {
    symbol.ends_with('\u{303}')
}

fn starts_with_closure(affricate: Phone, stop: Phone) -> bool {
    affricate.phoneme.manner == Manner::Affricate
        && stop.phoneme.manner == Manner::Stop
        && affricate.phoneme.symbol.starts_with(stop.phoneme.symbol)
}

/// Taps some 25 times a second (Ladefoged & Maddieson, "The Sounds of the World's Languages", 1996, p. 218).
fn push_trill(out: &mut Vec<Segment>, base: Segment, length: f64) {
    let taps = ((length / 0.04).round() as usize).max(1);
    let period = length / taps as f64;
    for tap in 0..taps {
        let start = base.start + period * tap as f64;
        let middle = start + 0.5 * period;
        out.push(Segment { start, end: middle, voicing: 0.7, approach: (0.02, 0.008), ..base });
        out.push(Segment { start: middle, end: start + period, voicing: 0.22, approach: (0.006, 0.006), ..base });
    }
}

/// Formants of the vowel that phone `i` belongs to.
fn vowel_of(phones: &[TimedPhone], i: usize) -> [f32; 3] {
    let timed = &phones[i];
    let is_nucleus = |p: &&TimedPhone| p.unit == timed.unit && p.phone.phoneme.is_vowel();
    let vowel = match timed.role {
        Role::Onset => phones[i..].iter().find(is_nucleus).map(|p| p.phone.phoneme.formants),
        Role::Nucleus => Some(timed.phone.phoneme.formants),
        Role::Coda => {
            let last = phones[..i].iter().rev().find(is_nucleus);
            last.map(|p| p.phone.phoneme.glide.unwrap_or(p.phone.phoneme.formants))
        }
    };
    vowel.unwrap_or([500.0, 1500.0, 2500.0])
}

/// Formant targets of a phone, a consonant's F2 drawn towards its vowel (locus equation) and a palatalised one's
/// towards j.
fn targets(timed: &TimedPhone, vowel: [f32; 3]) -> [f32; 3] {
    let phoneme = timed.phone.phoneme;
    if phoneme.is_vowel() {
        return phoneme.formants;
    }
    let [mut f1, mut f2, mut f3] = phoneme.formants;
    f2 += phoneme.follow * (vowel[1] - f2);
    f3 += 0.3 * phoneme.follow * (vowel[2] - f3);
    if phoneme.symbol == "h" {
        f1 = vowel[0];
        f3 = vowel[2];
    }
    if timed.phone.palatal {
        f2 += 0.65 * (2200.0 - f2);
        f3 += 0.5 * (2850.0 - f3);
        f1 = f1.min(300.0);
    }
    [f1, f2, f3]
}
