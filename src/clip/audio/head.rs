//! Head motion: turns by the phrase, sways and nods with the beat or, in speech, with the accents; breathes.

use super::scene::{RATE, Scene};
use super::signal::{both, map};
use crate::clip::liveliness::{smooth, wander};
use crate::random::Rng;
use std::collections::BTreeMap;
use std::f32::consts::PI;

/// Head pose a sample: radians and inter-ocular distances.
pub(super) struct Head {
    pub yaw: Vec<f32>,
    pub pitch: Vec<f32>,
    roll: Vec<f32>,
    x: Vec<f32>,
    y: Vec<f32>,
    /// How high and loud the voice is, 0..1, slowly: brows use it too.
    pub effort: Vec<f32>,
}

/// Widest yaw, pitch and roll, radians.
const LIMITS: [f32; 3] = [0.14, 0.09, 0.09];
/// Nods follow a pulse of at least this many seconds: in fast music every second beat.
const SLOWEST_NOD: f32 = 0.42;

pub(super) fn motion(scene: &Scene, rng: &mut Rng) -> Head {
    let turns = turns(scene, rng);
    let drift = [(); 3].map(|()| wander(scene.count, 1.7 * RATE, rng));
    let effort = effort(scene);
    let singing = smooth(&map(&scene.loudness, &|l| (1.5 * l).min(1.0)), 0.4 * RATE);
    let breath = breath(scene);
    let beats = beats(scene);
    // Speakers nod on what they stress (Hadar et al., "Head movement correlates of juncture and stress at sentence
    // level", Language and Speech 26, 1983).
    let stress = pulses(scene, 0.16);
    let mut head = Head { yaw: vec![], pitch: vec![], roll: vec![], x: vec![], y: vec![], effort };
    for i in 0..scene.count {
        let t = i as f32 / RATE;
        let life = scene.life;
        let (mut sway, mut slow, mut nod) = (0.0, 0.0, 1.2 * stress[i]);
        let swing = life * (0.35 + 0.65 * singing[i]);
        if let Some(beat) = beats.as_ref().map(|beats| beats[i]) {
            sway = (PI * beat).sin();
            slow = (0.5 * PI * beat).sin();
            // A nod falls quickly on the beat and comes back slowly.
            let phase = beat.rem_euclid(1.0);
            nod = 1.6 * (1.0 - phase).powi(3) * (1.0 - (-phase * 14.0).exp()) + 0.4 * stress[i];
        }
        let lift = life * head.effort[i];
        let pose = [
            life * (turns[i] + 0.022 * drift[0][i]) + 0.030 * swing * slow,
            0.040 * swing * nod - 0.050 * lift - 0.016 * breath[i] + life * 0.014 * drift[1][i],
            0.042 * swing * sway + life * (0.016 * drift[2][i] - 0.22 * turns[i]),
        ];
        // Follows up to about half the limit, then bends to stay within.
        let [yaw, pitch, roll] = [0, 1, 2].map(|k| LIMITS[k] * (pose[k] / LIMITS[k]).tanh());
        head.yaw.push(yaw);
        head.pitch.push(pitch);
        head.roll.push(roll);
        head.x.push(0.020 * swing * sway + life * 0.15 * turns[i]);
        head.y.push(-0.012 * swing * nod + 0.014 * breath[i] + 0.004 * (2.0 * PI * t / 4.1).sin() + 0.010 * lift);
    }
    head
}

pub(super) fn channels(head: Head, channels: &mut BTreeMap<String, Vec<f32>>) {
    let still = vec![0.0; head.yaw.len()];
    let all =
        [("yaw", head.yaw), ("pitch", head.pitch), ("roll", head.roll), ("x", head.x), ("y", head.y), ("z", still)];
    channels.extend(all.map(|(name, samples)| (name.to_owned(), samples)));
}

/// A direction for each phrase, changed smoothly before the phrase begins; the end faces the viewer.
fn turns(scene: &Scene, rng: &mut Rng) -> Vec<f32> {
    let mut target = vec![0f32; scene.count];
    let mut side = if rng.range(-1.0, 1.0) > 0.0 { 1.0 } else { -1.0 };
    for phrase in &scene.phrases {
        let value = side * rng.range(0.03, 0.085);
        side = -side;
        target[phrase.start.saturating_sub((0.25 * RATE) as usize)..].fill(value);
    }
    if let Some(last) = scene.phrases.last() {
        target[last.end..].fill(0.0);
    }
    smooth(&smooth(&target, 0.35 * RATE), 0.25 * RATE)
}

/// Height and loudness of what is being sung or said, 0..1.
fn effort(scene: &Scene) -> Vec<f32> {
    let target = both(&scene.pitch, &scene.loudness, &|pitch, loudness| {
        loudness.min(1.0) * (0.25 + 0.09 * pitch.max(-3.0)).clamp(0.0, 1.0)
    });
    smooth(&smooth(&target, 0.12 * RATE), 0.12 * RATE)
}

/// A soft pulse at each accent, 0..1, `length` seconds on either side.
pub(super) fn pulses(scene: &Scene, length: f32) -> Vec<f32> {
    let mut pulses = vec![0f32; scene.count];
    let reach = (length * RATE) as usize;
    for &accent in &scene.accents {
        let from = accent.saturating_sub(reach);
        for (i, pulse) in pulses.iter_mut().enumerate().take(accent + reach + 1).skip(from) {
            let x = (i as f32 - accent as f32) / (reach + 1) as f32;
            *pulse = pulse.max(0.5 + 0.5 * (PI * x).cos());
        }
    }
    pulses
}

/// Beats counted on, with fractions in between, before the first and after the last at the neighbouring pace; none
/// where there is no pulse.
fn beats(scene: &Scene) -> Option<Vec<f32>> {
    let mut times = scene.beats.clone();
    while times.len() > 4 && (times[times.len() - 1] - times[0]) / ((times.len() - 1) as f32) < SLOWEST_NOD {
        times = times.into_iter().step_by(2).collect();
    }
    let last = times.len().checked_sub(1).filter(|&last| last > 0)?;
    let mut next = 1;
    let count = |i: usize| {
        let t = i as f32 / RATE;
        while next < last && times[next] < t {
            next += 1;
        }
        (next - 1) as f32 + (t - times[next - 1]) / (times[next] - times[next - 1]).max(0.05)
    };
    Some((0..scene.count).map(count).collect())
}

/// A chest that fills before a phrase and empties along it, 0..1.
fn breath(scene: &Scene) -> Vec<f32> {
    let mut target = vec![0f32; scene.count];
    for phrase in &scene.phrases {
        let to = (phrase.start + (0.1 * RATE) as usize).min(scene.count);
        target[phrase.start.saturating_sub((0.35 * RATE) as usize)..to].fill(1.0);
    }
    smooth(&smooth(&target, 0.15 * RATE), 0.3 * RATE)
}
