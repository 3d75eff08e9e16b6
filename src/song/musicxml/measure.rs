//! One part's bars: what is written between two barlines, with times in quarter notes from the bar's start.

use super::direction::{Dynamic, Jump, Tempo, read_barline, read_direction, read_sound};
use super::note::{RawNote, pitch, read_note, written_length};
use super::{child, child_number, child_text, grace};
use crate::song::ScoreError;
use roxmltree::Node;

/// What a bar holds for one part.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    /// Quarter notes: how far its content reaches.
    pub length: f64,
    /// Quarter notes the time signature asks for, and the beat's length.
    pub meter: (f64, f64),
    pub notes: Vec<RawNote>,
    /// Tempo marks by offset in quarter notes.
    pub tempos: Vec<(f64, Tempo)>,
    /// Dynamic marks by offset in quarter notes.
    pub dynamics: Vec<(f64, Dynamic)>,
    /// Rests under a fermata: onset and length in quarter notes.
    pub held_rests: Vec<(f64, f64)>,
    pub repeat_start: bool,
    /// The section ending here is repeated, and how often it is played where the score says so.
    pub repeat_end: Option<Option<u32>>,
    /// Passes for which the ending that starts here is played.
    pub ending_start: Option<Vec<u32>>,
    pub ending_stop: bool,
    pub jump: Jump,
}

/// What lasts from bar to bar.
#[derive(Debug, Clone)]
pub(super) struct State {
    divisions: f64,
    transpose: f32,
    meter: (f64, f64),
    /// A percussion clef: what is written has no pitch.
    percussion: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { divisions: 1.0, transpose: 0.0, meter: (4.0, 1.0), percussion: false }
    }
}

/// Reads one bar.
pub(super) fn read_measure(node: Node<'_, '_>, state: &mut State) -> Result<Measure, ScoreError> {
    let number = node.attribute("number").unwrap_or("?").to_owned();
    let bad = |what, value: f64| ScoreError::BadNumber { what, value: value.to_string(), measure: number.clone() };
    let mut measure = Measure::default();
    let mut cursor = 0.0_f64;
    let mut chord_onset = 0.0;
    for item in node.children().filter(Node::is_element) {
        let length = || -> Result<f64, ScoreError> {
            let Some(ticks) = child_number(item, "duration") else { return Ok(written_length(item).unwrap_or(0.0)) };
            let quarters = ticks / state.divisions;
            // A bar of a hundred whole notes exists nowhere; such numbers come from damaged files.
            if (0.0..=400.0).contains(&quarters) { Ok(quarters) } else { Err(bad("duration", ticks)) }
        };
        match item.tag_name().name() {
            "attributes" => read_attributes(item, state, &bad)?,
            "backup" => cursor = (cursor - length()?).max(0.0),
            "forward" => cursor += length()?,
            "note" => {
                let grace = child(item, "grace").is_some();
                let length = if grace { 0.0 } else { length()? };
                let onset = if child(item, "chord").is_some() { chord_onset } else { cursor };
                // A cue shows what somebody else plays.
                let sounds = !state.percussion && child(item, "cue").is_none();
                match pitch(item).filter(|_| sounds) {
                    Some(pitch) => measure.notes.push(read_note(item, onset, length, pitch + state.transpose)),
                    None if child(item, "rest").is_some() && item.descendants().any(|n| n.has_tag_name("fermata")) => {
                        measure.held_rests.push((onset, length));
                    }
                    None => {}
                }
                chord_onset = onset;
                cursor = cursor.max(onset + length);
            }
            "direction" => read_direction(item, cursor, state.divisions, &mut measure),
            "sound" => read_sound(item, cursor, &mut measure),
            "barline" => read_barline(item, &mut measure),
            _ => {}
        }
        measure.length = measure.length.max(cursor);
    }
    grace::expand(&mut measure.notes);
    measure.notes.retain(|n| n.length > 0.0);
    measure.dynamics.sort_by(|a, b| a.0.total_cmp(&b.0));
    measure.meter = state.meter;
    Ok(measure)
}

fn read_attributes(
    node: Node<'_, '_>,
    state: &mut State,
    bad: &dyn Fn(&'static str, f64) -> ScoreError,
) -> Result<(), ScoreError> {
    if let Some(divisions) = child_number(node, "divisions") {
        if !(0.01..=1e6).contains(&divisions) {
            return Err(bad("number of divisions", divisions));
        }
        state.divisions = divisions;
    }
    if let Some(time) = child(node, "time") {
        // "3+2" over 8 counts five beats.
        let beats = child_text(time, "beats").map(|b| b.split('+').filter_map(|n| n.trim().parse::<f64>().ok()).sum());
        let beat_type = child_number(time, "beat-type").filter(|n| (1.0..=64.0).contains(n));
        if let (Some(beats), Some(beat_type)) = (beats.filter(|b: &f64| (1.0..=64.0).contains(b)), beat_type) {
            let unit = 4.0 / beat_type;
            // In compound metres (6/8, 9/8, 3/8) the beat is three units long.
            let compound = beat_type >= 8.0 && beats % 3.0 == 0.0;
            state.meter = (beats * unit, if compound { 3.0 * unit } else { unit });
        }
    }
    if let Some(clef) = child(node, "clef") {
        state.percussion = child_text(clef, "sign") == Some("percussion");
    }
    if let Some(transpose) = child(node, "transpose") {
        let octaves = child_number(transpose, "octave-change").unwrap_or(0.0);
        let semitones = child_number(transpose, "chromatic").unwrap_or(0.0) + 12.0 * octaves;
        state.transpose = semitones.clamp(-48.0, 48.0) as f32;
    }
    Ok(())
}
