//! How a score is performed: the dial, tempo, transposition, voices.

use portraoke::song::{Performance, Score, Sung, VoiceType, perform};

fn score() -> Score {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/songs/daisy-bell.musicxml");
    Score::read(&std::fs::read(path).expect("a bundled score")).expect("bundled scores are sound")
}

fn sung(performance: Performance) -> Sung {
    perform(&score(), &performance).expect("sung")
}

fn largest(sung: &Sung, channel: &str) -> f32 {
    sung.track.channels[channel].iter().fold(0.0, |largest, v| v.abs().max(largest))
}

fn opening(sung: &Sung) -> Vec<f32> {
    let channels = &sung.track.channels;
    channels["jawOpen"].iter().zip(&channels["mouthClose"]).map(|(jaw, close)| jaw - close).collect()
}

#[test]
fn the_dial_opens_mouth_and_face() {
    let dial = |expressiveness| sung(Performance { expressiveness, ..Performance::default() });
    let [shy, usual, opera] = [0.0, 1.0, 2.0].map(dial);
    for channel in ["jawOpen", "browInnerUp", "yaw"] {
        let [a, b, c] = [&shy, &usual, &opera].map(|sung| largest(sung, channel));
        assert!(a < 0.8 * b && b < 0.95 * c, "{channel}: {a} {b} {c}");
    }
    let down = |sung: &Sung| sung.track.channels["gazeLeftPitch"].iter().sum::<f32>() / opening(sung).len() as f32;
    assert!(down(&shy) > down(&usual) + 0.04, "the shy look down");
    for sung in [&shy, &usual, &opera] {
        let opening = opening(sung);
        for phone in sung.track.phonemes.iter().filter(|p| matches!(p.symbol.as_str(), "p" | "b" | "m")) {
            let span = ((phone.start - 0.05) * 60.0).max(0.0) as usize..=(phone.end * 60.0) as usize;
            assert!(opening[span].windows(2).any(|pair| pair.iter().all(|o| *o < 0.01)), "{phone:?}");
        }
    }
}

#[test]
fn tempo_changes_times_and_not_the_pitch() {
    let fast = sung(Performance { tempo: 1.5, ..Performance::default() });
    let plain = sung(Performance::default());
    let last = |sung: &Sung| f64::from(sung.track.words.last().map_or(0.0, |w| w.start) - sung.track.words[0].start);
    assert!((last(&plain) / last(&fast) - 1.5).abs() < 0.03, "{} {}", last(&plain), last(&fast));
    let seconds = fast.voice.len() as f32 / fast.sample_rate as f32;
    assert!((seconds - fast.track.duration()).abs() < 1e-3);
    let note = long_note();
    let at = when(&note, 1.5) + 0.2;
    assert!(cents(&fast, at, note.pitch).abs() < 50.0);
}

#[test]
fn transposing_moves_the_pitch_and_not_the_times() {
    let (plain, up) = (sung(Performance::default()), sung(Performance { transpose: 3.0, ..Performance::default() }));
    assert_eq!(plain.track.words, up.track.words);
    let note = long_note();
    let at = when(&note, 1.0) + 0.2;
    assert!(cents(&up, at, note.pitch + 3.0).abs() < 50.0);
    assert!(cents(&plain, at, note.pitch).abs() < 50.0);
}

#[test]
fn settings_that_are_no_numbers_ask_for_nothing() {
    let odd = Performance { tempo: f32::NAN, transpose: f32::NAN, expressiveness: f32::NAN, ..Performance::default() };
    assert_eq!(sung(odd).track, sung(Performance::default()).track);
}

#[test]
fn a_robot_is_in_tune_without_vibrato() {
    let robot = sung(Performance { voice: Some(VoiceType::Robot), ..Performance::default() });
    let note = long_note();
    let octave = [-24.0, -12.0, 0.0].map(|octaves| {
        let steps: Vec<f32> = (0..8)
            .map(|i| {
                cents(
                    &robot,
                    0.5 + note.start - score().notes[0].start + 0.3 + 0.05 * f64::from(i),
                    note.pitch + octaves,
                )
            })
            .collect();
        steps.iter().fold(0f32, |worst, c| worst.max(c.abs()))
    });
    // In one of the octaves, and there to the cent all the time.
    assert!(octave.iter().any(|worst| *worst < 4.0), "{octave:?}");
}

/// The longest note of the score.
fn long_note() -> portraoke::song::SungNote {
    let notes = score().notes;
    notes.into_iter().max_by(|a, b| (a.end - a.start).total_cmp(&(b.end - b.start))).expect("notes")
}

/// When the performance starts a note: there is half a second before the first one at every tempo.
fn when(note: &portraoke::song::SungNote, tempo: f64) -> f64 {
    note.start / tempo + (0.5 - score().notes[0].start / tempo).max(0.0)
}

/// Deviation from a MIDI pitch at a moment: the best autocorrelation of 40 ms within two semitones, in cents; infinite
/// where there is none.
fn cents(sung: &Sung, at: f64, pitch: f32) -> f32 {
    let rate = sung.sample_rate as f32;
    let hz = 440.0 * 2f32.powf((pitch - 69.0) / 12.0);
    let window = (0.04 * rate) as usize;
    let start = (at * f64::from(sung.sample_rate)) as usize;
    let correlation = |lag: usize| {
        let (a, b) = (&sung.voice[start..start + window], &sung.voice[start + lag..start + lag + window]);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
    };
    let (low, high) = ((rate / hz / 1.12) as usize, (rate / hz * 1.12) as usize + 2);
    let values: Vec<f32> = (low..high).map(correlation).collect();
    let best = (1..values.len() - 1).max_by(|&a, &b| values[a].total_cmp(&values[b])).expect("lags");
    let (a, b, c) = (values[best - 1], values[best], values[best + 1]);
    let lag = low as f32 + best as f32 + (a - c) / (2.0 * (a - 2.0 * b + c));
    // At the edge of the search or without likeness there is no such pitch.
    if b < 0.7 || b < a || b < c { f32::INFINITY } else { 1200.0 * (rate / lag / hz).log2() }
}
