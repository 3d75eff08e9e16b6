//! When each phoneme sounds: the vowel on the beat, its consonants before it.
//!
//! Singers start the vowel on the note's onset and take the time for its consonants from the note before (Sundberg,
//! "The Science of the Singing Voice", 1987, ch. 7). A melisma holds its vowel; a rest of some length takes a breath.

use super::score::Score;
use super::words::{Language, Phone, SyllablePhones, liaison, phones_of_word};

/// What part of a syllable a phoneme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Onset,
    Nucleus,
    Coda,
}

/// A phoneme with its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TimedPhone {
    pub phone: Phone,
    pub role: Role,
    /// Seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// Index of the sung unit it belongs to.
    pub unit: usize,
}

/// A syllable as sung: its notes and phones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// Notes it lasts for.
    pub notes: std::ops::Range<usize>,
    /// Caption text; empty when a vowel is merely taken up again after a breath.
    pub text: String,
    /// First consonant to last, seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// Seconds: the vowel's span.
    pub vowel: (f64, f64),
    /// Nothing is sung between the unit before and this one.
    pub after_rest: bool,
    /// Nothing is sung between this unit and the next.
    pub before_rest: bool,
}

/// The song as phonemes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Timeline {
    pub units: Vec<Unit>,
    pub phones: Vec<TimedPhone>,
    /// Breaths in, spans in seconds.
    pub breaths: Vec<(f64, f64)>,
}

/// The least a vowel keeps of its note.
const VOWEL_SHARE: f64 = 0.5;
/// A gap this long is a rest, seconds.
const REST: f64 = 0.06;
/// Consonants before a vowel never take longer than this, seconds.
const LONGEST_ONSET: f64 = 0.36;
/// Factor on the usual length of consonants: whoever is to be understood across a hall lingers on them. By
/// `models/evaluate/voice.py` a third more is understood best.
const CLARITY: f64 = 1.3;

/// Lays the phonemes out.
pub(super) fn timeline(score: &Score, language: Language) -> Timeline {
    let spoken = units(score, language);
    let mut result = Timeline::default();
    // Length of each unit's onset and coda, limited by the notes they are taken from.
    let span = |i: usize| -> (f64, f64) {
        let notes: &std::ops::Range<usize> = &spoken[i].0;
        let (start, end) = (score.notes[notes.start].start, score.notes[notes.end - 1].end);
        // A breath mark without a rest takes its time from the note it follows.
        let next = spoken.get(i + 1).map(|next| score.notes[next.0.start].start);
        let marked = score.notes[notes.end - 1].breath && next.is_some_and(|next| next - end < 0.2);
        (start, if marked { end - (0.3 * (end - start)).min(0.28) } else { end })
    };
    let mut previous_end = 0.0_f64;
    for i in 0..spoken.len() {
        let (start, end) = span(i);
        let next = (i + 1 < spoken.len()).then(|| span(i + 1).0);
        let gap_after = next.map_or(f64::INFINITY, |next| next - end);
        let (notes, text, phones) = &spoken[i];
        let onset = length(&phones.onset).min(LONGEST_ONSET);
        // The unit before has left this much room (its vowel keeps its share).
        let onset = onset.min((start - previous_end).max(0.0));
        let coda = length(&phones.coda);
        let next_onset = spoken.get(i + 1).map_or(0.0, |next| length(&next.2.onset).min(LONGEST_ONSET));
        let contiguous = gap_after < REST;
        let room = (end - start) * (1.0 - VOWEL_SHARE);
        let (vowel_end, coda_end) = if contiguous {
            let scale = (room / (coda + next_onset).max(1e-9)).min(1.0);
            let coda_end = end + gap_after.max(0.0) - next_onset * scale;
            (coda_end - coda * scale, coda_end)
        } else {
            // Before a rest the last consonant ends a little after the note.
            let late = (0.5 * coda).min(0.5 * gap_after);
            let coda = coda.min(room + late);
            (end + late - coda, end + late)
        };
        let mut emit = |list: &[Phone], from: f64, to: f64, role| {
            let total = length(list).max(1e-9);
            let mut at = from;
            for phone in list {
                let next = at + (to - from) * length(std::slice::from_ref(phone)) / total;
                result.phones.push(TimedPhone { phone: *phone, role, start: at, end: next, unit: i });
                at = next;
            }
        };
        emit(&phones.onset, start - onset, start, Role::Onset);
        emit_nucleus(&phones.nucleus, start, vowel_end, &mut emit);
        emit(&phones.coda, vowel_end, coda_end, Role::Coda);
        let after_rest = i == 0 || start - onset - previous_end > REST;
        result.units.push(Unit {
            notes: notes.clone(),
            text: text.clone(),
            start: start - onset,
            end: coda_end,
            vowel: (start, vowel_end),
            after_rest,
            before_rest: true,
        });
        if after_rest {
            let gap = start - onset - previous_end;
            if gap > 0.2 {
                let to = start - onset - 0.04;
                result.breaths.push((to - (0.6 * gap).min(0.42), to));
            }
            if let Some(before) = i.checked_sub(1) {
                result.units[before].before_rest = true;
            }
        } else if let Some(before) = i.checked_sub(1) {
            result.units[before].before_rest = false;
        }
        previous_end = coda_end;
    }
    result
}

/// Vowels meeting in one note: the first keeps most of it where the note is long.
fn emit_nucleus(nucleus: &[Phone], from: f64, to: f64, emit: &mut impl FnMut(&[Phone], f64, f64, Role)) {
    // Consonants between elided words have their own lengths; vowels share the rest equally.
    let vowels = nucleus.iter().filter(|p| p.phoneme.is_vowel()).count().max(1) as f64;
    let consonants: f64 =
        nucleus.iter().filter(|p| !p.phoneme.is_vowel()).map(|p| length(std::slice::from_ref(p))).sum();
    let scale = (0.5 * (to - from) / consonants.max(1e-9)).min(1.0);
    let vowel = (to - from - consonants * scale) / vowels;
    let mut at = from;
    for phone in nucleus {
        let is_vowel = phone.phoneme.is_vowel();
        let next = at + if is_vowel { vowel } else { length(std::slice::from_ref(phone)) * scale };
        emit(std::slice::from_ref(phone), at, next, if is_vowel { Role::Nucleus } else { Role::Coda });
        at = next;
    }
}

fn length(phones: &[Phone]) -> f64 {
    phones.iter().map(|p| CLARITY * f64::from(p.phoneme.length)).sum()
}

type Spoken = (std::ops::Range<usize>, String, SyllablePhones);

/// The notes of a syllable; its text and whether the word goes on, unless nothing is sung on them.
type Sung = (std::ops::Range<usize>, Option<(String, bool)>);

/// Groups notes into syllables and pronounces them word by word.
fn units(score: &Score, language: Language) -> Vec<Spoken> {
    let mut ranges: Vec<Sung> = Vec::new();
    for (i, note) in score.notes.iter().enumerate() {
        let taken_up = i > 0 && note.start - score.notes[i - 1].end > REST;
        match (&note.syllable, ranges.last_mut()) {
            (None, Some(last)) if !taken_up => last.0.end = i + 1,
            (syllable, _) => ranges.push((i..i + 1, syllable.as_ref().map(|s| (s.text.clone(), s.joined)))),
        }
    }
    let mut result: Vec<Spoken> = Vec::new();
    // The word just sung, where the next one may be linked to it.
    let mut before: Option<String> = None;
    let mut at = 0;
    while at < ranges.len() {
        // A word is a run of joined syllables; a vowel taken up again inside it does not end it.
        let Some((_, joined)) = &ranges[at].1 else {
            let vowel = result.last().and_then(|last| last.2.nucleus.last().copied());
            let nucleus = vowel.or_else(|| Phone::parse("a")).into_iter().collect();
            result.push((ranges[at].0.clone(), String::new(), SyllablePhones { nucleus, ..SyllablePhones::default() }));
            at += 1;
            continue;
        };
        let mut end = at + 1;
        let mut open = *joined;
        while open && let Some((_, Some((_, joined)))) = ranges.get(end) {
            open = *joined;
            end += 1;
        }
        let texts: Vec<&str> = ranges[at..end].iter().filter_map(|r| r.1.as_ref()).map(|s| s.0.as_str()).collect();
        let mut phones = phones_of_word(&texts, language);
        let linked = before.as_deref().and_then(|before| liaison(before, &texts.concat(), language));
        if let (Some(consonant), Some(first)) = (linked, phones.first_mut()) {
            first.onset.insert(0, consonant);
        }
        // A breath or a rest parts words; so does punctuation.
        let word = texts.concat();
        let last = &score.notes[ranges[end - 1].0.end - 1];
        before = (!last.breath && word.ends_with(char::is_alphabetic)).then_some(word);
        for (k, phones) in phones.into_iter().enumerate() {
            let (range, syllable) = &ranges[at + k];
            let text = syllable.as_ref().map_or(String::new(), |(text, joined)| {
                format!("{}{}", text.replace('\u{a0}', " "), if *joined { "-" } else { "" })
            });
            result.push((range.clone(), text, phones));
        }
        at = end;
    }
    result
}
