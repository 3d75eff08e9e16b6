//! Grace notes take their time from the note they ornament.
//!
//! With a stroke they are as short as can be; without one an appoggiatura takes up to half of its main note (C. P. E.
//! Bach, "Versuch über die wahre Art das Clavier zu spielen", 1753, II.2; L. Mozart, 1756, IX). Those after the last
//! note of a bar (the turn that ends a trill) take it from the end of the note before.

use super::note::RawNote;

/// Quarter notes of a struck grace note.
const SHORT: f64 = 0.125;

/// Gives the grace notes of one bar their onsets and lengths. `notes` are in the file's order.
pub(super) fn expand(notes: &mut [RawNote]) {
    let mut i = 0;
    while i < notes.len() {
        if notes[i].grace.is_none() {
            i += 1;
            continue;
        }
        let (voice, onset) = (notes[i].voice, notes[i].onset);
        let run: Vec<usize> = (i..notes.len())
            .take_while(|&k| notes[k].grace.is_some() && notes[k].voice == voice && notes[k].onset == onset)
            .collect();
        i += run.len();
        let groups = groups(notes, &run);
        let main: Vec<usize> = (i..notes.len())
            .filter(|&k| notes[k].voice == voice && notes[k].grace.is_none() && (notes[k].onset - onset).abs() < 1e-6)
            .collect();
        if !main.is_empty() {
            lead_in(notes, &groups, &main);
        } else {
            trail(notes, &groups, voice, onset);
        }
    }
}

/// Grace notes on one stem sound together.
fn groups(notes: &[RawNote], run: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &k in run {
        match groups.last_mut().filter(|_| notes[k].chord) {
            Some(group) => group.push(k),
            None => groups.push(vec![k]),
        }
    }
    groups
}

/// What each group asks for, shrunk to fit half of `room`.
fn lengths(notes: &[RawNote], groups: &[Vec<usize>], room: f64) -> Vec<f64> {
    let single = groups.len() == 1;
    let asked = |group: &Vec<usize>| match notes[group[0]].grace {
        Some(grace) if single && !grace.slash => grace.written.min(0.5 * room),
        _ => SHORT,
    };
    let total: f64 = groups.iter().map(asked).sum();
    let scale = (0.5 * room / total.max(1e-9)).min(1.0);
    groups.iter().map(|group| asked(group) * scale).collect()
}

fn place(notes: &mut [RawNote], groups: &[Vec<usize>], lengths: &[f64], mut at: f64) {
    for (group, &length) in groups.iter().zip(lengths) {
        for &k in group {
            (notes[k].onset, notes[k].length, notes[k].grace) = (at, length, None);
        }
        at += length;
    }
}

fn lead_in(notes: &mut [RawNote], groups: &[Vec<usize>], main: &[usize]) {
    let onset = notes[main[0]].onset;
    let room = main.iter().map(|&k| notes[k].length).fold(f64::INFINITY, f64::min);
    let lengths = lengths(notes, groups, room);
    place(notes, groups, &lengths, onset);
    let total: f64 = lengths.iter().sum();
    for &k in main {
        notes[k].onset += total;
        notes[k].length -= total;
    }
    // The syllable of the main note begins with its ornament.
    let first = groups[0][0];
    if groups.iter().flatten().all(|&k| notes[k].lyrics.is_empty())
        && let Some(&worded) = main.iter().find(|&&k| !notes[k].lyrics.is_empty())
    {
        notes[first].lyrics = std::mem::take(&mut notes[worded].lyrics);
    }
}

fn trail(notes: &mut [RawNote], groups: &[Vec<usize>], voice: u32, onset: f64) {
    let before: Vec<usize> = (0..groups[0][0])
        .filter(|&k| {
            let n = &notes[k];
            n.voice == voice && n.grace.is_none() && (n.onset + n.length - onset).abs() < 1e-6
        })
        .collect();
    let room = before.iter().map(|&k| notes[k].length).fold(f64::INFINITY, f64::min);
    if before.is_empty() {
        return;
    }
    let lengths = lengths(notes, groups, room);
    let total: f64 = lengths.iter().sum();
    place(notes, groups, &lengths, onset - total);
    for k in before {
        notes[k].length -= total;
    }
}
