//! How a score is performed: the dial, tempo, transposition, voices.

use portraoke::song::{Performance, Score, Sung, VoiceType, perform};

fn score() -> Score {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/songs/daisy-bell.mxl");
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
        let steps: Vec<f32> =
            (0..8).map(|i| cents(&robot, when(&note, 1.0) + 0.3 + 0.05 * f64::from(i), note.pitch + octaves)).collect();
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

/// Values of a channel from `start` to `end`, seconds.
fn during<'a>(sung: &'a Sung, channel: &str, start: f32, end: f32) -> &'a [f32] {
    &sung.track.channels[channel][(start * 60.0).ceil() as usize..=(end * 60.0) as usize]
}

#[test]
fn the_tongue_rises_for_l_n_t_d_alone() {
    let sung = sung(Performance::default());
    for phone in sung.track.phonemes.iter().filter(|p| p.end - p.start > 0.04) {
        let middle = (phone.start + phone.end) / 2.0;
        let raised = during(&sung, "tongueUp", middle - 0.01, middle + 0.01).iter().fold(0f32, |a, b| a.max(*b));
        match phone.symbol.as_str() {
            "l" | "n" | "t" | "d" => assert!(raised > 0.4, "{phone:?}: {raised}"),
            "ɑ" | "u" | "eɪ" if phone.end - phone.start > 0.3 => assert!(raised < 0.1, "{phone:?}: {raised}"),
            _ => {}
        }
    }
}

#[test]
fn lips_round_before_the_rounded_sound() {
    let sung = sung(Performance::default());
    let mut seen = 0;
    for pair in sung.track.phonemes.windows(2).filter(|pair| pair[1].symbol == "u" && pair[0].end >= pair[1].start) {
        if matches!(pair[0].symbol.as_str(), "d" | "l" | "j" | "t") {
            let start = pair[1].start;
            let before = during(&sung, "mouthPucker", start - 0.03, start)[0];
            let full = during(&sung, "mouthPucker", start + 0.1, start + 0.2)[0];
            assert!(before > 0.4 * full, "{start}: {before} of {full}");
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn breaths_part_the_lips() {
    let sung = sung(Performance { expressiveness: 0.0, ..Performance::default() });
    let opening = opening(&sung);
    let mut breaths = 0;
    for pair in sung.track.words.windows(2).filter(|pair| pair[1].start - pair[0].end > 0.2) {
        let (from, to) = (pair[0].end + 0.06, pair[1].start - 0.03);
        let widest = opening[(from * 60.0) as usize..(to * 60.0) as usize].iter().fold(0f32, |a, b| a.max(*b));
        assert!((0.05..0.35).contains(&widest), "{}: {widest}", pair[1].text);
        breaths += 1;
    }
    assert!(breaths >= 2, "{breaths}");
}

#[test]
fn blinks_close_faster_than_they_open() {
    let sung = sung(Performance::default());
    let lids = &sung.track.channels["eyeBlinkLeft"];
    let mut blinks = 0;
    for i in 1..lids.len() {
        if lids[i] >= 0.99 && lids[i - 1] < 0.99 {
            let closing = lids[..i].iter().rev().take_while(|v| **v > 0.02).count();
            let closed = lids[i..].iter().take_while(|v| **v >= 0.99).count();
            let opening = lids[i + closed..].iter().take_while(|v| **v > 0.02).count();
            assert!(closing < opening, "{i}: {closing} against {opening}");
            blinks += 1;
        }
    }
    assert!(blinks >= 4, "{blinks}");
}

#[test]
fn nothing_is_no_number_at_any_setting() {
    for (voice, expressiveness, transpose) in
        [(VoiceType::Child, 2.0, 12.0), (VoiceType::Bass, 0.0, -12.0), (VoiceType::Soprano, 2.0, 7.0)]
    {
        let sung = sung(Performance { voice: Some(voice), expressiveness, transpose, ..Performance::default() });
        assert!(sung.mix.iter().chain(&sung.voice).all(|s| s.is_finite() && s.abs() <= 0.892), "{voice:?}");
        assert!(sung.track.channels.values().flatten().all(|v| v.is_finite()), "{voice:?}");
        let loud = sung.voice.iter().map(|s| s * s).sum::<f32>() / sung.voice.len() as f32;
        assert!(loud.sqrt() > 0.02, "{voice:?}: {loud}");
    }
}
