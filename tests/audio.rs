//! Own audio: a song that sings itself is heard again, and what cannot be heard is refused in plain words.

use portraoke::clip::Track;
use portraoke::clip::audio::{AudioError, Heard, LONGEST, Listening, listen};
use portraoke::head::expression::EXPRESSION_NAMES;
use portraoke::song::{Performance, Score, Sung, perform};
use std::sync::LazyLock;

/// Daisy Bell with its band.
static SONG: LazyLock<Sung> = LazyLock::new(|| {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/www/songs/daisy-bell.mxl")).expect("a sound song");
    perform(&Score::read(&bytes).expect("a sound song"), &Performance::default()).expect("a sound song")
});
static HEARD: LazyLock<Heard> = LazyLock::new(|| hear(&mix(), SONG.sample_rate).expect("a sound song"));

fn mix() -> [Vec<f32>; 2] {
    [0, 1].map(|channel| SONG.mix.iter().skip(channel).step_by(2).copied().collect())
}

/// The refusal, if it is one.
fn refusal(channels: &[Vec<f32>], rate: u32) -> Option<AudioError> {
    hear(channels, rate).err()
}

fn hear(channels: &[Vec<f32>], rate: u32) -> Result<Heard, AudioError> {
    listen(&channels.iter().map(Vec::as_slice).collect::<Vec<_>>(), rate, &Listening::default())
}

/// Deterministic noise, -1..1.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state as f32 / 2_147_483_648.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len().min(b.len());
    let (a, b) = (&a[..count], &b[..count]);
    let mean = |v: &[f32]| v.iter().sum::<f32>() / count as f32;
    let (ma, mb) = (mean(a), mean(b));
    let product =
        |x: &[f32], mx: f32, y: &[f32], my: f32| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f32>();
    product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
}

/// `a` against `b` moved `later` samples later.
fn shifted(a: &[f32], b: &[f32], later: i32) -> f32 {
    let by = later.unsigned_abs() as usize;
    if later >= 0 { correlation(&a[by..], b) } else { correlation(a, &b[by..]) }
}

#[test]
fn the_jaw_follows_the_song_without_lag() {
    let (ours, own) = (&HEARD.track.channels["jawOpen"], &SONG.track.channels["jawOpen"]);
    assert!(ours.len().abs_diff(own.len()) <= 1, "as long as the sound");
    let best =
        (-12..=12).max_by(|&a, &b| shifted(ours, own, a).total_cmp(&shifted(ours, own, b))).expect("a sound song");
    assert!(best.abs() <= 2, "the track is {best} samples late");
    assert!(correlation(ours, own) > 0.75, "r = {}", correlation(ours, own));
}

#[test]
fn lips_round_for_round_vowels() {
    let round = |track: &Track| -> Vec<f32> {
        track.channels["mouthPucker"].iter().zip(&track.channels["mouthFunnel"]).map(|(a, b)| a + b).collect()
    };
    let r = correlation(&round(&HEARD.track), &round(&SONG.track));
    assert!(r > 0.6, "r = {r}");
}

#[test]
fn lips_meet_for_p_b_and_m() {
    let track = &HEARD.track;
    let gap = |i: usize| track.channels["jawOpen"][i] - track.channels["mouthClose"][i];
    let lips = || SONG.track.phonemes.iter().filter(|p| ["p", "b", "m"].contains(&p.symbol.as_str()));
    let met = |p: &&portraoke::clip::Phoneme| {
        let (from, to) = ((p.start - 0.05) * track.rate, (p.end + 0.05) * track.rate);
        (from as usize..=to as usize).any(|i| gap(i) < 0.06)
    };
    let share = lips().filter(met).count() as f32 / lips().count() as f32;
    assert!(share > 0.6, "{share} of the closures");
}

#[test]
fn telephone_sound_is_enough() {
    // 48 or 44.1 kHz to 8 kHz by means of what lies in each new sample's time.
    let [left, right] = mix();
    let step = SONG.sample_rate as f32 / 8000.0;
    let count = (left.len() as f32 / step) as usize;
    let mean = |i: usize| {
        let range = (i as f32 * step) as usize..((i + 1) as f32 * step) as usize;
        range.clone().map(|k| 0.5 * (left[k] + right[k])).sum::<f32>() / range.len() as f32
    };
    let mono: Vec<f32> = (0..count).map(mean).collect();
    let heard = hear(&[mono], 8000).expect("a sound song");
    let r = correlation(&heard.track.channels["jawOpen"], &SONG.track.channels["jawOpen"]);
    assert!(r > 0.65, "r = {r}");
}

#[test]
fn the_beats_are_the_songs() {
    let own: Vec<f32> = SONG.track.beats.iter().copied().filter(|t| *t < SONG.track.duration() - 1.5).collect();
    let ours = &HEARD.track.beats;
    // Every beat, or every bar's.
    let on = |t: &&f32| own.iter().any(|beat| (beat - **t).abs() < 0.08);
    let share = ours.iter().filter(on).count() as f32 / ours.len().max(1) as f32;
    assert!(ours.len() >= 8 && share > 0.8, "{share} of {} beats", ours.len());
}

#[test]
fn the_track_is_whole() {
    let track = &HEARD.track;
    let count = track.channels["jawOpen"].len();
    for (name, samples) in &track.channels {
        assert_eq!(samples.len(), count, "{name}");
        let arkit = EXPRESSION_NAMES.contains(&name.as_str());
        let range = if arkit { 0.0..=1.0 } else { -0.5..=0.5 };
        assert!(samples.iter().all(|v| range.contains(v)), "{name}");
    }
    for name in ["yaw", "pitch", "roll", "x", "y", "gazeLeftYaw", "gazeRightPitch", "browInnerUp"] {
        assert!(track.channels.contains_key(name), "{name}");
    }
    let lids = &track.channels["eyeBlinkLeft"];
    let blinks = (1..count).filter(|&i| lids[i] > 0.97 && lids[i - 1] <= 0.97).count();
    assert!((4..=20).contains(&blinks), "{blinks} blinks in half a minute, closing fully");
}

#[test]
fn the_same_seed_is_the_same_track() {
    let short = mix().map(|channel| channel[..8 * SONG.sample_rate as usize].to_vec());
    let run = |seed| {
        let channels: Vec<&[f32]> = short.iter().map(Vec::as_slice).collect();
        listen(&channels, SONG.sample_rate, &Listening { seed, ..Listening::default() }).expect("a sound song")
    };
    assert!(run(3) == run(3));
    assert!(run(3).track.channels["yaw"] != run(4).track.channels["yaw"]);
    assert!(run(3).track.channels["jawOpen"] == run(4).track.channels["jawOpen"]);
}

#[test]
fn a_late_voice_is_remarked_and_the_mouth_waits() {
    let rate = SONG.sample_rate;
    let mut late = noise(15 * rate as usize).iter().map(|v| 0.002 * v).collect::<Vec<_>>();
    late.extend(&SONG.voice[..10 * rate as usize]);
    let heard = hear(&[late], rate).expect("a sound song");
    assert!(heard.notes.iter().any(|note| note.contains("in the first 15 s")), "{:?}", heard.notes);
    assert!(heard.track.channels["jawOpen"][..14 * 60].iter().all(|&jaw| jaw < 0.03));
}

#[test]
fn what_cannot_be_heard_is_refused() {
    let second = 44_100;
    assert_eq!(refusal(&[vec![0.0; 3 * second]], 44_100), Some(AudioError::Silent));
    assert_eq!(refusal(&[noise(second / 4)], 44_100), Some(AudioError::TooShort));
    assert_eq!(
        refusal(&[vec![0.1; (LONGEST * 8000.0) as usize + 8000]], 8000),
        Some(AudioError::TooLong { minutes: 10 })
    );
    assert_eq!(refusal(&[noise(second)], 4000), Some(AudioError::BadRate { rate: 4000 }));
    assert_eq!(refusal(&[noise(second), noise(second / 2)], 44_100), Some(AudioError::BadChannels));
    assert_eq!(refusal(&[], 44_100), Some(AudioError::BadChannels));
    let mut broken = noise(3 * second);
    broken[second] = f32::NAN;
    assert_eq!(refusal(&[broken], 44_100), Some(AudioError::Broken));
}

#[test]
fn noise_hum_and_drums_are_no_voice() {
    let second = 44_100;
    let count = 12 * second;
    let hum =
        |i: usize| (1..6).map(|k| (i as f32 * k as f32 * 50.0 / 44_100.0 * std::f32::consts::TAU).sin()).sum::<f32>();
    let drum = |i: usize, noise: f32| noise * (-((i % (second / 2)) as f32) / 1500.0).exp();
    let noise = noise(count);
    let cases = [
        ("noise", noise.clone()),
        ("hum", (0..count).map(|i| 0.1 * hum(i)).collect()),
        ("drums", noise.iter().enumerate().map(|(i, &noise)| drum(i, noise)).collect()),
    ];
    for (name, samples) in cases {
        assert_eq!(refusal(&[samples], 44_100), Some(AudioError::NoVoice), "{name}");
    }
}

#[test]
fn refusals_say_what_to_do() {
    let all = [
        AudioError::Silent,
        AudioError::NoVoice,
        AudioError::TooShort,
        AudioError::TooLong { minutes: 10 },
        AudioError::BadRate { rate: 1 },
        AudioError::BadChannels,
        AudioError::Broken,
    ];
    for error in all {
        let sentence = error.to_string();
        assert!(sentence.ends_with('.') && sentence.contains(": "), "{sentence}");
    }
}
