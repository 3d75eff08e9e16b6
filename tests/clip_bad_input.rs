//! Visitors' motion files, damaged at random: every one is read or refused with a sentence, none panics or takes long.

use portraoke::clip::{self, Track, csv};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// xorshift64 (Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn track() -> Track {
    let ramp: Vec<f32> = (0..40).map(|i| i as f32 / 40.0).collect();
    let channels = ["jawOpen", "eyeBlinkLeft", "yaw", "x", "gazeLeftPitch"].map(|name| (name.to_owned(), ramp.clone()));
    Track { rate: 60.0, channels: BTreeMap::from(channels), words: vec![], beats: vec![0.1], phonemes: vec![] }
}

/// Bytes turned, cut out, doubled, and put in from what such files are made of.
fn damage(bytes: &mut Vec<u8>, chance: &mut Chance) {
    const PIECES: [&[u8]; 12] = [
        b"1e39",
        b"-",
        b"\"",
        b",",
        b"\n",
        b"{",
        b"[[[[",
        b"99:99:99:99.9",
        b"null",
        b"\xff\xfe",
        b"0.0000000001",
        b"NaN",
    ];
    for _ in 0..1 + chance.below(6) {
        let at = chance.below(bytes.len());
        match chance.below(4) {
            0 if !bytes.is_empty() => bytes[at] = chance.below(256) as u8,
            1 => bytes.truncate(at),
            2 => {
                let end = (at + chance.below(60)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
}

#[test]
fn damaged_motion_files_are_read_or_refused() {
    let sound = [track().to_json().into_bytes(), csv::write(&track()).into_bytes()];
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let started = Instant::now();
    let (mut read, mut refused) = (0, 0);
    for round in 0..4000 {
        let mut bytes = sound[round % 2].clone();
        damage(&mut bytes, &mut chance);
        match clip::read(&bytes) {
            Ok(track) => {
                read += 1;
                let samples = track.channels.values().map(Vec::len).max().unwrap_or(0);
                assert!(samples > 0 && track.duration() <= clip::track::LONGEST && track.duration().is_finite());
                let motion = track.sample(0.3);
                let values = motion.expression.0.iter().chain(&motion.rotation).chain(&motion.translation);
                assert!(values.chain(&motion.gaze).all(|value| value.is_finite() && value.abs() <= 20.0));
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().contains(':'), "says what to do: {error}");
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn files_that_are_too_large_are_refused_unread() {
    let large = vec![b' '; clip::track::MAX_FILE + 1];
    let started = Instant::now();
    for read in [csv::read, Track::from_json] {
        let error = read(&large).expect_err("too large");
        assert!(error.to_string().contains("64 MB"), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}
