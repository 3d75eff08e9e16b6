//! The singer's line: notes with their syllables, verse by verse, and what is left to the instruments.

use super::assemble::Part;
use super::clock::Clock;
use super::dynamics::Loudness;
use super::measure::Measure;
use super::note::{RawNote, RawSyllable};
use super::singers::Candidate;
use super::unfold::Played;
use crate::song::score::{PlayedNote, SungNote, Syllable};
use std::collections::BTreeSet;

/// After a rest this long (quarter notes) and a finished word, notes without words are not sung: singers leave such
/// phrases to the instruments. After a shorter one the vowel is taken up again, as in staccato coloratura.
const PAUSE: f64 = 2.0;

/// What is sung, and what of the singer's part is not.
pub(super) struct Line {
    pub notes: Vec<SungNote>,
    /// Bar and index in it of the notes that are sung.
    pub sung: BTreeSet<(usize, usize)>,
    /// Phrases without words.
    pub left: Vec<PlayedNote>,
}

/// What the line is read from.
pub(super) struct Reading<'a> {
    pub part: &'a Part,
    pub singer: &'a Candidate,
    pub played: &'a [Played],
    pub clock: &'a Clock,
    pub loudness: &'a Loudness,
    /// The verse of every pass; none: each pass has its own.
    pub verse: Option<u32>,
    /// The score has no words: every note, or every slur, gets this one.
    pub wordless: Option<&'a str>,
}

/// A note of the line before its words are settled.
struct Draft {
    note: SungNote,
    /// Quarter notes since the note before ended.
    gap: f64,
    /// The word is held on the notes that follow, whatever comes between.
    goes_on: bool,
}

/// Reads the singer's line.
pub(super) fn line(reading: &Reading<'_>) -> Line {
    let mut sung = BTreeSet::new();
    let drafts = drafts(reading, &mut sung);
    let mut line = Line { notes: Vec::new(), sung, left: Vec::new() };
    // A note without a syllable is sung if it continues something.
    let (mut alive, mut goes_on) = (false, false);
    for Draft { note, gap, goes_on: next } in drafts {
        if note.syllable.is_some() {
            (alive, goes_on) = (true, next);
        } else if gap >= PAUSE && !goes_on {
            alive = false;
        }
        if alive {
            line.notes.push(note);
        } else {
            line.left.push(PlayedNote { start: note.start, end: note.end, pitch: note.pitch, loudness: note.loudness });
            if let Some(last) = line.notes.last_mut() {
                last.breath = true;
            }
        }
    }
    if let Some(last) = line.notes.last_mut() {
        last.breath = true;
    }
    line
}

fn drafts(reading: &Reading<'_>, sung: &mut BTreeSet<(usize, usize)>) -> Vec<Draft> {
    let Reading { part, singer, played, clock, loudness, .. } = reading;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut verses = Verses::new(reading);
    // Quarter note where the last note ends, whether a tie leads on from it, and how many slurs are open.
    let (mut last_end, mut tied, mut slurs) = (f64::NEG_INFINITY, false, 0i32);
    for (k, (p, &bar)) in played.iter().zip(&clock.bars).enumerate() {
        let Some(measure) = part.measures.get(p.index) else { continue };
        let voice = singer.voice_in(measure);
        let mut notes: Vec<(usize, &RawNote)> =
            measure.notes.iter().enumerate().filter(|(_, n)| n.voice == voice).collect();
        // Of a chord the top note is sung; its words may hang on any of them.
        notes.sort_by(|a, b| a.1.onset.total_cmp(&b.1.onset).then(b.1.pitch.total_cmp(&a.1.pitch)));
        let mut at = 0;
        while at < notes.len() {
            let (index, note) = notes[at];
            let chord = &notes[at..];
            let chord = &chord[..chord.iter().take_while(|n| n.1.onset == note.onset).count()];
            at += chord.len();
            let (start, next) = (bar + note.onset, notes.get(at).map_or(f64::INFINITY, |n| n.1.onset - note.onset));
            let end = start + note.length.min(next);
            let contiguous = (start - last_end).abs() < 1e-3;
            if start < last_end - 1e-3 {
                continue;
            }
            sung.insert((p.index, index));
            let continued = tied && contiguous && note.tie_stop;
            let lyric = match reading.wordless {
                Some(word) => (!continued && (slurs <= 0 || !contiguous)).then(|| RawSyllable {
                    text: word.to_owned(),
                    joined: false,
                    extended: false,
                }),
                None => verses.pick(k, measure, note.onset, chord, voice).cloned(),
            };
            slurs = (slurs + chord.iter().map(|n| n.1.slurs).sum::<i32>()).max(0);
            let sounding = start + (end - start) * note.sounding;
            if let Some(Draft { note: last, .. }) = drafts.last_mut() {
                if continued && last.pitch == note.pitch && lyric.is_none() {
                    last.end = clock.seconds(sounding);
                    last.breath = note.breath;
                    (last_end, tied) = (end, note.tie_start);
                    continue;
                }
                last.breath |= !contiguous;
            }
            let goes_on = lyric.as_ref().is_some_and(|s| s.joined || s.extended);
            let struck = loudness.struck(start);
            drafts.push(Draft {
                note: SungNote {
                    start: clock.seconds(start),
                    end: clock.seconds(sounding),
                    pitch: note.pitch,
                    loudness: loudness.at(start),
                    accent: note.accent || struck || note.onset < 1e-6,
                    breath: note.breath,
                    syllable: lyric.map(|s| Syllable { text: s.text, joined: s.joined }),
                },
                gap: if drafts.is_empty() { f64::INFINITY } else { start - last_end },
                goes_on,
            });
            (last_end, tied) = (end, note.tie_start);
        }
    }
    drafts
}

/// Chooses the verse under each note.
struct Verses<'a> {
    reading: &'a Reading<'a>,
    /// The last syllable was of the verse asked for, and its word goes on.
    inside: bool,
}

impl<'a> Verses<'a> {
    fn new(reading: &'a Reading<'a>) -> Self {
        Verses { reading, inside: false }
    }

    /// The syllable of this pass's verse. A note without it sings the first verse's where the words are common to all
    /// verses (a refrain), but holds the vowel where this verse merely has fewer syllables.
    fn pick(
        &mut self,
        k: usize,
        measure: &'a Measure,
        onset: f64,
        chord: &[(usize, &'a RawNote)],
        voice: u32,
    ) -> Option<&'a RawSyllable> {
        let Reading { played, part, .. } = self.reading;
        let verse = self.reading.verse.unwrap_or(played[k].pass);
        let own = chord.iter().map(|n| &n.1.lyrics).find(|lyrics| !lyrics.is_empty());
        // Words shared by two voices of a staff are written under one of them.
        let shared = || {
            let worded = measure.notes.iter().any(|n| n.voice == voice && !n.lyrics.is_empty());
            let others = measure.notes.iter().filter(|n| (n.onset - onset).abs() < 1e-6 && !n.lyrics.is_empty());
            others.map(|n| &n.lyrics).next().filter(|_| !worded)
        };
        let lyrics = own.or_else(shared)?;
        if let Some((_, exact)) = lyrics.iter().find(|(number, _)| *number == verse) {
            self.inside = exact.joined || exact.extended;
            return Some(exact);
        }
        let has = |measure: &Measure, from: f64| {
            measure.notes.iter().any(|n| n.onset >= from && n.lyrics.iter().any(|l| l.0 == verse))
        };
        let next = played.get(k + 1).and_then(|p| part.measures.get(p.index));
        let held = self.inside || has(measure, onset) || (has(measure, 0.0) && next.is_some_and(|m| has(m, 0.0)));
        if held {
            return None;
        }
        lyrics.iter().min_by_key(|(number, _)| *number).map(|(_, syllable)| syllable)
    }
}
