//! Eyes and brows: blinks, gaze, brows that rise with the music.

use super::head::{Head, smooth};
use super::{RATE, Scene};
use crate::clip::liveliness::{self, CLOSING, lid};
use crate::random::Rng;

pub(super) fn channels(scene: &Scene<'_>, head: &Head, rng: &mut Rng, add: &mut impl FnMut(&str, Vec<f32>)) {
    let blinks = blinks(scene, rng);
    for side in ["Left", "Right"] {
        // The two lids start within some milliseconds of each other.
        let delay = if side == "Left" { 0.0 } else { 0.006 };
        add(
            &format!("eyeBlink{side}"),
            scene.curve(|t| blinks.iter().map(|&b| lid((t - b - delay) as f32)).fold(0.0, f32::max)),
        );
    }

    let (yaw, pitch) = gaze(scene, head, &blinks, rng);
    for side in ["Left", "Right"] {
        add(&format!("gaze{side}Yaw"), yaw.clone());
        add(&format!("gaze{side}Pitch"), pitch.clone());
        // The lids follow the eye; ARKit's coefficient 1 is some half a radian.
        let part = |values: &[f32], sign: f32| -> Vec<f32> {
            values.iter().map(|v| (2.0 * sign * v).clamp(0.0, 1.0)).collect()
        };
        add(&format!("eyeLookDown{side}"), part(&pitch, 1.0));
        add(&format!("eyeLookUp{side}"), part(&pitch, -1.0));
        // Yaw + turns to the subject's own left: outwards for the left eye.
        let outwards = if side == "Left" { 1.0 } else { -1.0 };
        add(&format!("eyeLookOut{side}"), part(&yaw, outwards));
        add(&format!("eyeLookIn{side}"), part(&yaw, -outwards));
    }

    let accents = accents(scene);
    let raise: Vec<f32> =
        (0..scene.count).map(|i| scene.bearing.brows * (0.06 + 0.30 * head.effort[i] + 0.22 * accents[i])).collect();
    let slow = super::head::smooth(&raise, 0.05);
    add("browInnerUp", slow.iter().map(|v| (0.95 * v).clamp(0.0, 0.85)).collect());
    add("browOuterUpLeft", slow.iter().map(|v| (0.75 * v).clamp(0.0, 0.6)).collect());
    add("browOuterUpRight", slow.iter().map(|v| (0.60 * v).clamp(0.0, 0.6)).collect());
    for side in ["Left", "Right"] {
        add(&format!("eyeWide{side}"), slow.iter().map(|v| (0.45 * (v - 0.15)).clamp(0.0, 0.35)).collect());
        add(&format!("eyeSquint{side}"), scene.envelope.iter().map(|e| 0.05 + 0.05 * e).collect());
    }
}

/// Starts of blinks, seconds.
fn blinks(scene: &Scene<'_>, rng: &mut Rng) -> Vec<f64> {
    let pauses = scene.timeline.units.iter().filter(|u| u.before_rest).map(|u| (u.end - 0.05) as f32);
    let end = (Scene::time(scene.count) - 0.4) as f32;
    let mut blinks = liveliness::blinks(end, pauses, rng);
    let stray = scene.bearing.stray;
    if stray > 0.0 {
        blinks.iter_mut().for_each(|blink| *blink = (*blink + rng.range(-stray, stray)).max(0.0));
        blinks.sort_by(f32::total_cmp);
    }
    blinks.into_iter().map(f64::from).collect()
}

/// Gaze relative to the head, radians: mostly held on the viewer against the head's turns, with glances aside.
fn gaze(scene: &Scene<'_>, head: &Head, blinks: &[f64], rng: &mut Rng) -> (Vec<f32>, Vec<f32>) {
    let (mut yaw, mut pitch) = (vec![0f32; scene.count], vec![0f32; scene.count]);
    let mut t = f64::from(rng.range(0.8, 2.0));
    let mut aside = false;
    let (mut now_yaw, mut now_pitch) = (0.0, 0.0);
    let end = Scene::time(scene.count);
    let mut set = |from: f64, to: f64, y: f32, p: f32| {
        let range = ((from * RATE) as usize).min(scene.count)..((to * RATE) as usize + 1).min(scene.count);
        yaw[range.clone()].fill(y);
        pitch[range].fill(p);
    };
    let mut from = 0.0;
    while from < end {
        set(from, t, now_yaw, now_pitch);
        from = t;
        aside = !aside && rng.signed() > -0.2;
        let (reach, stay) =
            if aside { (scene.bearing.head, rng.range(0.35, 0.9)) } else { (0.12, rng.range(1.2, 3.0)) };
        (now_yaw, now_pitch) = (reach * rng.range(-0.13, 0.13), reach * rng.range(-0.05, 0.06));
        // The shy look down and aside, and up at the listener only in glances.
        let shy = scene.bearing.averted * if aside { 0.2 } else { 1.0 };
        now_yaw += shy * rng.range(0.06, 0.13) * if rng.signed() > 0.0 { 1.0 } else { -1.0 };
        now_pitch += shy * rng.range(0.10, 0.18);
        t += f64::from(stay);
        // Larger glances like to happen behind a blink.
        if let Some(blink) = blinks.iter().find(|b| (**b - t).abs() < 0.35) {
            t = (blink + f64::from(CLOSING)).max(from + 0.1);
        }
    }
    // A saccade of this size takes some 40 ms (Bahill, Clark & Stark 1975).
    let (yaw, pitch) = (smooth(&yaw, 0.008), smooth(&pitch, 0.008));
    let against = |aim: Vec<f32>, head: &[f32]| aim.iter().zip(head).map(|(aim, head)| aim - 0.85 * head).collect();
    (against(yaw, &head.yaw), against(pitch, &head.pitch))
}

/// A short pulse at each accented note that is sung with a syllable, 0..1.
fn accents(scene: &Scene<'_>) -> Vec<f32> {
    let mut pulses = vec![0f32; scene.count];
    for note in scene.score.notes.iter().filter(|n| n.accent && n.syllable.is_some()) {
        let from = (((note.start - 0.03) * RATE).max(0.0) as usize).min(scene.count);
        let to = (((note.start + 0.18) * RATE) as usize).min(scene.count);
        pulses[from..to].fill(1.0);
    }
    smooth(&smooth(&pulses, 0.06), 0.06)
}
