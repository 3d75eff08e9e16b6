//! Head motion: turns by the phrase, sways and nods with the beat, rises on long high notes, breathes.

use super::{RATE, Scene};
use crate::clip::liveliness;
use crate::random::Rng;
use std::f64::consts::PI;

/// Head pose a sample: radians and inter-ocular distances.
pub(super) struct Head {
    pub yaw: Vec<f32>,
    pub pitch: Vec<f32>,
    pub roll: Vec<f32>,
    x: Vec<f32>,
    y: Vec<f32>,
    /// How long and high the present note is, 0..1: brows use it too.
    pub effort: Vec<f32>,
}

/// Widest yaw, pitch and roll of the usual bearing, radians.
const LIMITS: [f32; 3] = [0.14, 0.08, 0.09];

pub(super) fn motion(scene: &Scene<'_>, rng: &mut Rng) -> Head {
    let turns = turns(scene, rng);
    let drift = [(); 3].map(|()| wander(scene.count, 1.7, rng));
    let effort = effort(scene);
    let beats = beats(scene);
    let singing = smooth(&scene.envelope.iter().map(|e| e.min(1.0)).collect::<Vec<_>>(), 0.4);
    let breath = breath(scene);
    let bearing = &scene.bearing;
    let mut head = Head { yaw: vec![], pitch: vec![], roll: vec![], x: vec![], y: vec![], effort };
    for i in 0..scene.count {
        let t = Scene::time(i);
        // Beats sway the head fully while it sings and somewhat in between.
        let swing = bearing.head * (0.35 + 0.65 * singing[i]);
        let sway = (PI * beats[i]).sin() as f32;
        let slow = (0.5 * PI * beats[i]).sin() as f32;
        // A nod falls quickly on the beat and comes back slowly.
        let phase = beats[i].fract();
        let nod = ((1.0 - phase).powi(3) * (1.0 - (-phase * 14.0).exp())) as f32 * 1.6;
        let effort = head.effort[i] * bearing.lift;
        let pose = [
            bearing.head * (turns[i] + 0.018 * drift[0][i]) + 0.030 * swing * slow,
            0.040 * swing * nod - 0.050 * effort - 0.016 * breath[i]
                + bearing.head * 0.012 * drift[1][i]
                + 0.045 * bearing.averted,
            0.042 * swing * sway + bearing.head * (0.014 * drift[2][i] - 0.22 * turns[i]),
        ];
        let [yaw, pitch, roll] = [0, 1, 2].map(|k| soft_limit(pose[k], bearing.reach * LIMITS[k]));
        head.yaw.push(yaw);
        head.pitch.push(pitch);
        head.roll.push(roll);
        let idle = (2.0 * PI * t / 4.1).sin() as f32;
        head.x.push(0.020 * swing * sway + bearing.head * 0.15 * turns[i]);
        head.y.push(-0.012 * swing * nod + 0.014 * breath[i] + 0.004 * idle + 0.010 * effort);
    }
    head
}

pub(super) fn channels(head: Head, add: &mut impl FnMut(&str, Vec<f32>)) {
    for (name, samples) in [("yaw", head.yaw), ("pitch", head.pitch), ("roll", head.roll), ("x", head.x), ("y", head.y)]
    {
        add(name, samples);
    }
}

/// Follows up to about half the limit, then bends to stay within.
fn soft_limit(value: f32, limit: f32) -> f32 {
    limit * (value / limit).tanh()
}

/// A direction for each phrase, changed smoothly where the phrase begins.
fn turns(scene: &Scene<'_>, rng: &mut Rng) -> Vec<f32> {
    let mut target = vec![0f32; scene.count];
    let mut side = if rng.signed() > 0.0 { 1.0 } else { -1.0 };
    for unit in scene.timeline.units.iter().filter(|unit| unit.after_rest) {
        let value = side * rng.range(0.03, 0.085);
        side = -side;
        let from = (((unit.start - 0.25) * RATE).max(0.0) as usize).min(scene.count);
        target[from..].fill(value);
    }
    // The end faces the viewer.
    let last = scene.timeline.units.last().map_or(0.0, |unit| unit.end);
    let from = ((last * RATE) as usize).min(scene.count);
    target[from..].fill(0.0);
    smooth(&smooth(&target, 0.35), 0.25)
}

/// Length and height of the note being sung, 0..1, smoothed.
fn effort(scene: &Scene<'_>) -> Vec<f32> {
    let notes = &scene.score.notes;
    let highest = notes.iter().map(|n| n.pitch).fold(f32::MIN, f32::max);
    let lowest = notes.iter().map(|n| n.pitch).fold(f32::MAX, f32::min);
    let mut target = vec![0f32; scene.count];
    for note in notes {
        let length = ((note.end - note.start - 0.35) / 0.9).clamp(0.0, 1.0) as f32;
        let height = (note.pitch - lowest) / (highest - lowest).max(1.0);
        let accent = if note.accent { 0.15 } else { 0.0 };
        let from = ((note.start * RATE) as usize).min(scene.count);
        let to = ((note.end * RATE) as usize).min(scene.count);
        target[from..to].fill((0.55 * length + 0.45 * height * height + accent).min(1.0));
    }
    smooth(&smooth(&target, 0.12), 0.12)
}

/// Beats counted on, with fractions in between; before the first and after the last at the neighbouring pace.
fn beats(scene: &Scene<'_>) -> Vec<f64> {
    let mut times: Vec<f64> = scene.score.beats.iter().map(|beat| beat.time).collect();
    // Nods follow a pulse of half a second or more: in a fast song every second beat, and so on.
    while times.len() > 4 && (times[times.len() - 1] - times[0]) / ((times.len() - 1) as f64) < 0.42 {
        let downbeats: Vec<f64> = scene.score.beats.iter().filter(|b| b.downbeat).map(|b| b.time).collect();
        let by_bar = downbeats.len() > 2 && downbeats.len() < times.len() && (downbeats[1] - downbeats[0]) < 1.4;
        times = if by_bar { downbeats } else { times.into_iter().step_by(2).collect() };
    }
    if times.len() < 2 {
        return scene.curve(|t| t as f32).into_iter().map(f64::from).collect();
    }
    let last = times.len() - 1;
    let mut next = 1;
    (0..scene.count)
        .map(|i| {
            let t = Scene::time(i);
            while next < last && times[next] < t {
                next += 1;
            }
            let (from, to) = (times[next - 1], times[next]);
            // Enough is added that the count is never negative.
            (next - 1) as f64 + (t - from) / (to - from).max(0.05) + 64.0
        })
        .map(|beat| beat.max(0.0))
        .collect()
}

/// A chest that fills before a phrase and empties along it, 0..1.
fn breath(scene: &Scene<'_>) -> Vec<f32> {
    let mut target = vec![0f32; scene.count];
    for &(start, end) in &scene.timeline.breaths {
        let from = ((start * RATE).max(0.0) as usize).min(scene.count);
        let to = (((end + 0.15) * RATE) as usize).min(scene.count);
        target[from..to].fill(1.0);
    }
    smooth(&smooth(&target, 0.15), 0.3)
}

/// A smooth random curve in about -1..1 that changes direction every `period` seconds or so.
fn wander(count: usize, period: f64, rng: &mut Rng) -> Vec<f32> {
    liveliness::wander(count, (period * RATE) as f32, rng)
}

/// Low-pass without lag, time constant in seconds.
pub(super) fn smooth(values: &[f32], seconds: f64) -> Vec<f32> {
    liveliness::smooth(values, (seconds * RATE) as f32)
}
