//! A clip of any kind shared out among several portraits.

use portraoke::clip::ensemble::{Arrangement, EnsembleError, MOST, ensemble};
use portraoke::clip::{Track, Word};
use portraoke::song::{Performance, Score, perform};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A sung clip, as one would save it.
static CLIP: LazyLock<Track> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/songs/daisy-bell.mxl");
    let score = Score::read(&std::fs::read(path).expect("a bundled score")).expect("sound");
    perform(&score, &Performance::default()).expect("sung").track
});

/// The same as a film has it: without words.
fn film() -> Track {
    Track { words: vec![], phonemes: vec![], ..CLIP.clone() }
}

fn share(track: &Track, members: usize, arrangement: Arrangement, alike: bool) -> (Vec<Track>, Vec<Vec<[f32; 2]>>) {
    let shared = ensemble(track, members, arrangement, alike, 7).expect("at most nine");
    (shared.tracks, shared.singing)
}

fn opening(track: &Track, t: f32) -> f32 {
    let motion = track.sample(t).expression;
    motion.get("jawOpen") - motion.get("mouthClose")
}

fn times(track: &Track) -> impl Iterator<Item = f32> {
    let rate = track.rate;
    (0..=(track.duration() * rate) as usize).map(move |i| i as f32 / rate)
}

fn inside(spans: &[[f32; 2]], t: f32, margin: f32) -> bool {
    spans.iter().any(|[from, to]| t >= from - margin && t <= to + margin)
}

#[test]
fn in_unison_all_do_the_same_but_not_exactly() {
    for clip in [CLIP.clone(), film()] {
        let (tracks, singing) = share(&clip, MOST, Arrangement::Unison, false);
        assert_eq!((tracks.len(), singing.len()), (MOST, MOST));
        assert_eq!(tracks[0], clip, "the first one is the clip");
        assert!(singing.iter().all(|spans| spans == &singing[0] && !spans.is_empty()));
        for (k, track) in tracks.iter().enumerate().skip(1) {
            assert_eq!(track.duration(), clip.duration());
            assert_eq!(track.beats, clip.beats);
            for name in ["jawOpen", "yaw", "eyeBlinkLeft", "gazeLeftYaw", "browInnerUp"] {
                let (own, lead) = (&track.channels[name], &clip.channels[name]);
                assert!(own != lead, "{k}: {name}");
                let off = own.iter().zip(lead).map(|(a, b)| (a - b).abs()).sum::<f32>() / own.len() as f32;
                // A blink elsewhere is a large difference for a short time.
                assert!(off < if name.starts_with("eyeBlink") { 0.15 } else { 0.06 }, "{k}: {name} is off by {off}");
            }
            // Lips that meet still meet, at most 25 ms and a sample off.
            let shut = |t: f32| opening(&clip, t) < 0.004;
            let near = |t: f32| (-3..=3).any(|i| opening(track, t + i as f32 / 90.0) < 0.01);
            assert!(times(&clip).filter(|t| shut(*t)).all(near), "{k}: lips");
            let blinks = |track: &Track| {
                track.channels["eyeBlinkLeft"].windows(2).filter(|pair| pair[0] < 0.7 && pair[1] >= 0.7).count()
            };
            assert_eq!(blinks(track), blinks(&clip), "{k}: as many blinks");
        }
        let words: Vec<f32> = tracks.iter().filter_map(|t| t.words.first()).map(|w| w.start).collect();
        assert!(words.iter().all(|t| (t - words[0]).abs() <= 0.025), "{words:?}");
        assert!(share(&clip, 3, Arrangement::Unison, true).0.iter().all(|track| track == &clip));
    }
}

#[test]
fn by_turns_one_sings_and_the_others_live() {
    for (clip, what) in [(CLIP.clone(), "words"), (film(), "a film")] {
        for (members, alike) in [(2, false), (4, false), (3, true)] {
            let (tracks, singing) = share(&clip, members, Arrangement::Turns, alike);
            let last = singing.iter().map(|spans| spans[spans.len() - 1][0]).fold(0.0, f32::max);
            let end = singing.iter().map(|spans| spans[spans.len() - 1][1]).fold(f32::INFINITY, f32::min);
            assert!(end > last + 1.0, "{what}: nobody is alone at the end");
            let mut heard = 0;
            for t in times(&clip).filter(|t| *t < last) {
                let now = (0..members).filter(|&k| inside(&singing[k], t, -0.001)).count();
                assert!(now <= 1, "{what}: {now} sing at {t}");
                heard += now;
            }
            assert!(heard as f32 / clip.rate > 0.6 * last, "{what}: {heard} samples of {last} s");
            for (track, spans) in tracks.iter().zip(&singing) {
                assert!((track.duration() - clip.duration()).abs() < 1e-4);
                assert_eq!(track.beats, clip.beats);
                // Alone it does what the clip does, within the small differences; waiting its mouth is shut.
                let sung: Vec<f32> = times(&clip).filter(|t| inside(spans, *t, -0.1)).collect();
                let off = sung.iter().map(|t| (opening(track, *t) - opening(&clip, *t)).abs()).fold(0.0, f32::max);
                assert!(off < 0.12, "{what}: {off}");
                let idle: Vec<f32> = times(&clip).filter(|t| !inside(spans, *t, 0.35)).collect();
                assert!(idle.iter().all(|t| opening(track, *t) < 0.02), "{what}: an open mouth waits");
                let yaws: Vec<f32> = idle.iter().map(|t| track.sample(*t).rotation[0]).collect();
                let range = yaws.iter().fold(-9f32, |a, b| a.max(*b)) - yaws.iter().fold(9f32, |a, b| a.min(*b));
                let lids = idle.iter().map(|t| track.sample(*t).expression.get("eyeBlinkRight")).fold(0.0, f32::max);
                assert!(range > 0.02 && lids > 0.9, "{what}: frozen ({range}, {lids})");
                // Nothing jumps: no head turns faster than a quick glance does.
                for pair in track.channels["yaw"].windows(2) {
                    assert!((pair[1] - pair[0]).abs() * track.rate < 0.6, "{what}: {pair:?}");
                }
            }
            let mut words: Vec<&Word> = tracks.iter().flat_map(|t| &t.words).filter(|w| w.end < last).collect();
            words.sort_by(|a, b| a.start.total_cmp(&b.start));
            let whole: Vec<&Word> = clip.words.iter().filter(|w| w.end < last).collect();
            assert_eq!(words, whole, "{what}: every word has one singer");
        }
    }
}

#[test]
fn a_recording_has_no_parts() {
    assert_eq!(share(&CLIP, 3, Arrangement::Parts, false), share(&CLIP, 3, Arrangement::Turns, false));
}

#[test]
fn one_alone_is_the_clip_whatever_is_asked_for() {
    for arrangement in [Arrangement::Unison, Arrangement::Parts, Arrangement::Turns] {
        let (tracks, singing) = share(&CLIP, 1, arrangement, false);
        assert_eq!((tracks, singing.len()), (vec![CLIP.clone()], 1));
    }
}

#[test]
fn a_mouth_that_never_rests_changes_hands_at_quiet_moments() {
    // Twenty seconds of babble whose softest moments are every two seconds.
    let jaw = |i: usize| {
        0.4 + 0.1 * (i as f32 * 0.9).sin() - 0.2 * (std::f32::consts::PI * i as f32 / 60.0).cos().abs().powi(9)
    };
    let channels = BTreeMap::from([("jawOpen".to_owned(), (0..600).map(jaw).collect())]);
    let clip = Track { rate: 30.0, channels, ..Track::default() };
    let (tracks, singing) = share(&clip, 2, Arrangement::Turns, false);
    let mut cuts: Vec<f32> = singing.iter().flatten().map(|span| span[0]).filter(|t| *t > 0.1).collect();
    cuts.sort_by(f32::total_cmp);
    cuts.dedup();
    assert!((3..=5).contains(&cuts.len()), "{cuts:?}");
    assert!(cuts.iter().all(|t| (t / 2.0 - (t / 2.0).round()).abs() < 0.2), "{cuts:?}");
    assert!(tracks.iter().all(|track| track.channels.values().flatten().all(|v| v.is_finite())));
    assert!(tracks[1].channels.contains_key("eyeBlinkLeft") && tracks[1].channels.contains_key("yaw"), "it lives");
}

#[test]
fn clips_in_which_nobody_sings_are_shared_out_too() {
    let still = |samples: usize| Track {
        rate: 30.0,
        channels: BTreeMap::from([("jawOpen".to_owned(), vec![0.0; samples])]),
        ..Track::default()
    };
    for clip in [still(1), still(2), still(300)] {
        for arrangement in [Arrangement::Unison, Arrangement::Turns] {
            let (tracks, singing) = share(&clip, 4, arrangement, false);
            assert!(tracks.iter().all(|track| track.duration() == clip.duration()));
            assert_eq!(singing.len(), 4);
        }
    }
    // Words that lie elsewhere than the motion do no harm.
    let words = [("a", -3.0, -2.0), ("b", 4.0, 3.0), ("c", 80.0, 90.0)];
    let words = words.map(|(text, start, end)| Word { text: text.to_owned(), start, end }).to_vec();
    share(&Track { words, ..still(300) }, 3, Arrangement::Turns, false);
}

#[test]
fn the_same_seed_is_the_same_motion_and_too_many_are_refused() {
    assert_eq!(share(&film(), 4, Arrangement::Turns, false), share(&film(), 4, Arrangement::Turns, false));
    let other = ensemble(&film(), 4, Arrangement::Turns, false, 8).expect("four");
    assert!(other.tracks[1] != share(&film(), 4, Arrangement::Turns, false).0[1]);
    let refused = |members| ensemble(&CLIP, members, Arrangement::Unison, false, 1).expect_err("refused");
    assert_eq!(refused(0), EnsembleError::Nobody);
    assert_eq!(refused(12).to_string(), "There are 12 portraits, and 9 is the most: remove 3.");
}
