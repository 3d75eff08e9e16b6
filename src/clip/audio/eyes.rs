//! Eyes and brows: blinks, gaze, brows that rise with accents and high notes.

use super::head::{Head, pulses};
use super::scene::{RATE, Scene};
use super::signal::{both, map};
use crate::clip::liveliness::{self, BLINK, CLOSING, lid, smooth};
use crate::random::Rng;
use std::collections::BTreeMap;

pub(super) fn channels(scene: &Scene, head: &Head, rng: &mut Rng, channels: &mut BTreeMap<String, Vec<f32>>) {
    let blinks = blinks(scene, rng);
    let (yaw, pitch) = gaze(scene, head, &blinks, rng);
    let accents = smooth(&pulses(scene, 0.2), 0.03 * RATE);
    let life = scene.life;
    let brows = both(&head.effort, &accents, &|effort, accent| life * (0.06 + 0.30 * effort + 0.22 * accent));
    // ARKit's coefficient 1 is some half a radian of gaze.
    let look = |angle: &[f32], sign: f32| map(angle, &|v| (2.0 * sign * v).clamp(0.0, 1.0));
    let lift = |share: f32, most: f32| map(&brows, &|v| (share * v).clamp(0.0, most));
    // For each side: the delay of its lid, whose two start within some milliseconds of each other; the sign of yaw
    // outwards, for yaw + turns to the subject's own left; the height of its brow, for no face is quite even.
    for (side, delay, outwards, brow) in [("Left", 0.0, 1.0, 0.75), ("Right", 0.006, -1.0, 0.60)] {
        let sided = [
            (["eyeBlink", side], lids(scene, &blinks, delay)),
            // The lids follow the eye.
            (["eyeLookDown", side], look(&pitch, 1.0)),
            (["eyeLookUp", side], look(&pitch, -1.0)),
            (["eyeLookOut", side], look(&yaw, outwards)),
            (["eyeLookIn", side], look(&yaw, -outwards)),
            (["browOuterUp", side], lift(brow, 0.6)),
            (["eyeWide", side], map(&brows, &|v| (0.45 * (v - 0.15)).clamp(0.0, 0.35))),
            (["eyeSquint", side], map(&scene.loudness, &|l| 0.05 + 0.05 * l)),
        ];
        channels.extend(sided.map(|(name, samples)| (name.concat(), samples)));
        channels.insert(["gaze", side, "Yaw"].concat(), yaw.clone());
        channels.insert(["gaze", side, "Pitch"].concat(), pitch.clone());
    }
    channels.insert("browInnerUp".to_owned(), lift(0.95, 0.7));
}

/// Closure of the lids, `delay` seconds after each blink's start.
fn lids(scene: &Scene, blinks: &[f32], delay: f32) -> Vec<f32> {
    let mut lids = vec![0f32; scene.count];
    for &blink in blinks {
        let from = (blink * RATE) as usize;
        let to = from + ((BLINK + 0.05) * RATE) as usize;
        for (i, value) in lids.iter_mut().enumerate().take(to).skip(from) {
            *value = value.max(lid(i as f32 / RATE - blink - delay));
        }
    }
    lids
}

/// Starts of blinks, seconds.
fn blinks(scene: &Scene, rng: &mut Rng) -> Vec<f32> {
    let pauses = scene.phrases.iter().map(|phrase| phrase.end as f32 / RATE);
    liveliness::blinks(scene.count as f32 / RATE - 0.4, pauses, rng)
}

/// Gaze relative to the head, radians: mostly held on the viewer against the head's turns, with glances aside.
fn gaze(scene: &Scene, head: &Head, blinks: &[f32], rng: &mut Rng) -> (Vec<f32>, Vec<f32>) {
    let (mut yaw, mut pitch) = (vec![0f32; scene.count], vec![0f32; scene.count]);
    let mut t = rng.range(0.8, 2.0);
    let mut aside = false;
    let mut next_blink = 0;
    while ((t * RATE) as usize) < scene.count {
        aside = !aside && rng.range(0.0, 1.0) > 0.4;
        let (reach, stay) =
            if aside { (scene.life, rng.range(0.35, 0.9)) } else { (0.12 * scene.life, rng.range(1.2, 3.0)) };
        let from = (t * RATE) as usize;
        yaw[from..].fill(reach * rng.range(-0.13, 0.13));
        pitch[from..].fill(reach * rng.range(-0.05, 0.06));
        // Larger glances like to happen behind a blink.
        let wanted = t + stay;
        while blinks.get(next_blink).is_some_and(|&blink| blink < wanted - 0.35) {
            next_blink += 1;
        }
        let behind = blinks.get(next_blink).filter(|&&blink| blink < wanted + 0.35);
        t = behind.map_or(wanted, |blink| (blink + CLOSING).max(t + 0.1));
    }
    // A saccade of this size takes some 40 ms (Bahill, Clark & Stark 1975).
    let (yaw, pitch) = (smooth(&yaw, 0.5), smooth(&pitch, 0.5));
    let against = |aim: &[f32], head: &[f32]| both(aim, head, &|aim, head| aim - 0.85 * head);
    (against(&yaw, &head.yaw), against(&pitch, &head.pitch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blinks_come_with_pauses_and_never_rarely() {
        let count = (40.0 * RATE) as usize;
        let phrases: Vec<_> = (0..8).map(|k| k * 300..k * 300 + 200).collect();
        let still = || vec![0.0; count];
        let scene = Scene {
            count,
            life: 1.0,
            loudness: still(),
            voice: still(),
            pitch: still(),
            phrases: phrases.clone(),
            accents: vec![],
            beats: vec![],
        };
        let at_pause = |blink: &&f32| phrases.iter().any(|phrase| (phrase.end as f32 / RATE - **blink).abs() < 1e-3);
        let mut with_pauses = 0;
        for seed in 0..20 {
            let blinks = blinks(&scene, &mut Rng::new(seed, 1));
            with_pauses += blinks.iter().filter(at_pause).count();
            assert!(blinks.windows(2).all(|pair| (0.3..5.7).contains(&(pair[1] - pair[0]))), "{blinks:?}");
        }
        // Of 160 pauses every fourth may pass without one.
        assert!(with_pauses >= 120, "{with_pauses}");
        let blinks = blinks(&scene, &mut Rng::new(1, 1));
        let lids = lids(&scene, &blinks, 0.0);
        assert!(lids.iter().copied().fold(0.0, f32::max) > 0.999);
    }
}
