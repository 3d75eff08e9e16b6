//! Blending mouth shapes over time: coarticulation by dominance functions.
//!
//! M. M. Cohen, D. W. Massaro, "Modeling coarticulation in synthetic visual speech" (Computer Animation '93): every
//! phoneme pulls on each parameter with a strength that falls off exponentially before and after it, and the result is
//! the weighted mean. Here strength is constant over the phoneme's own span, since a sung vowel may last seconds.

use super::Scene;
use super::head::smooth;
use super::viseme::{Dominance, Shape, dominance, shapes};
use crate::song::words::Manner;

/// Seconds in which a phoneme's pull falls to 1/e, before and after it. Lips prepare earlier than the jaw: rounding
/// anticipates by a tenth of a second and more.
const JAW_REACH: (f64, f64) = (0.028, 0.028);
const LIP_REACH: (f64, f64) = (0.075, 0.045);
const ROUND_REACH: (f64, f64) = (0.11, 0.055);
/// A lip closure is held at least this long, seconds, so that a frame at 24 a second cannot miss it.
const LEAST_CLOSURE: f64 = 0.05;
/// Seconds in which the lips close and open.
const CLOSING: f64 = 0.05;
const OPENING: f64 = 0.045;

/// A stretch of one shape.
struct Event {
    start: f64,
    end: f64,
    shape: Shape,
    weight: Dominance,
}

/// Adds every mouth and jaw channel.
pub(super) fn channels(scene: &Scene<'_>, add: &mut impl FnMut(&str, Vec<f32>)) {
    let events = events(scene);
    let mut shapes = blend(scene, &events);
    soften(&mut shapes);
    let closure = closures(scene);
    let strength = strength(scene);
    let breath = breath(scene);
    for (i, shape) in shapes.iter_mut().enumerate() {
        // Louder and higher opens wider; the rounding of lips hardly changes.
        let s = strength[i];
        shape.jaw = (shape.jaw * s).min(0.85);
        shape.lower_down = (shape.lower_down * (0.4 + 0.6 * s)).min(0.5);
        shape.upper_up = (shape.upper_up * (0.4 + 0.6 * s)).min(0.35);
        // Air is drawn in through parted lips, however softly one sings.
        shape.jaw = shape.jaw.max(0.13 * breath[i]);
        shape.lower_down = shape.lower_down.max(0.06 * breath[i]);
        let open = 1.0 - closure[i];
        // With the lips together the jaw stays nearly shut and nothing pulls them apart.
        shape.jaw *= 0.15 + 0.85 * open;
        shape.lower_down *= open;
        shape.upper_up *= open;
        shape.roll_lower *= open;
        shape.tongue *= open;
    }
    let get = |f: fn(&Shape) -> f32| -> Vec<f32> { shapes.iter().map(f).collect() };
    add("jawOpen", get(|s| s.jaw));
    // In ARKit `mouthClose` brings the lips together relative to the open jaw: they meet where it equals `jawOpen`.
    add("mouthClose", shapes.iter().zip(&closure).map(|(s, c)| s.jaw * c).collect());
    add("mouthFunnel", get(|s| s.funnel));
    add("mouthPucker", get(|s| s.pucker));
    add("mouthRollLower", shapes.iter().zip(&closure).map(|(s, c)| (s.roll_lower + 0.12 * c).min(1.0)).collect());
    add("mouthRollUpper", closure.iter().map(|c| 0.08 * c).collect());
    add("tongueOut", get(|s| s.tongue));
    add("tongueUp", get(|s| s.tongue_up));
    for side in ["Left", "Right"] {
        // No face is quite even.
        let uneven = if side == "Left" { 1.0 } else { 0.94 };
        add(&format!("mouthLowerDown{side}"), shapes.iter().map(|s| uneven * s.lower_down).collect());
        add(&format!("mouthUpperUp{side}"), shapes.iter().map(|s| uneven * s.upper_up).collect());
        add(&format!("mouthStretch{side}"), shapes.iter().map(|s| uneven * 0.6 * s.stretch).collect());
        add(&format!("mouthPress{side}"), closure.iter().map(|c| uneven * 0.28 * c).collect());
        // A singer's slight smile, less where the lips are round.
        let smile = |s: &Shape| {
            uneven * ((scene.bearing.smile * 0.10 + 0.35 * s.stretch) * (1.0 - s.pucker - 0.5 * s.funnel).max(0.0))
        };
        add(&format!("mouthSmile{side}"), shapes.iter().map(smile).collect());
        add(
            &format!("cheekSquint{side}"),
            shapes.iter().map(|s| uneven * (0.05 + 0.18 * s.stretch + 0.06 * s.jaw)).collect(),
        );
        add(&format!("mouthDimple{side}"), closure.iter().map(|c| uneven * 0.08 * c).collect());
    }
}

/// Phonemes as events, diphthongs as two, rests as the closed mouth.
fn events(scene: &Scene<'_>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let rest =
        |start: f64, end: f64| Event { start, end, shape: Shape::default(), weight: Dominance { jaw: 0.8, lips: 0.5 } };
    let mut last_end = f64::NEG_INFINITY;
    for timed in &scene.timeline.phones {
        if timed.start - last_end > 0.05 {
            // The mouth opens a little before the sound and closes a little after it.
            events.push(rest(last_end + 0.05, timed.start - 0.03));
        }
        last_end = timed.end;
        let weight = dominance(timed.phone.phoneme);
        let (first, second) = shapes(timed.phone.phoneme);
        let Some(second) = second else {
            events.push(Event { start: timed.start, end: timed.end, shape: first, weight });
            continue;
        };
        let turn = timed.end - (0.4 * (timed.end - timed.start)).min(0.15);
        events.push(Event { start: timed.start, end: turn - 0.03, shape: first, weight });
        events.push(Event { start: turn, end: timed.end, shape: second, weight });
    }
    events.push(rest(last_end + 0.05, f64::INFINITY));
    events
}

fn blend(scene: &Scene<'_>, events: &[Event]) -> Vec<Shape> {
    let pull = |event: &Event, t: f64, reach: (f64, f64)| -> f32 {
        let (distance, reach) =
            if t < event.start { (event.start - t, reach.0) } else { ((t - event.end).max(0.0), reach.1) };
        (-distance / reach).exp() as f32
    };
    let mut first = 0;
    (0..scene.count)
        .map(|i| {
            let t = Scene::time(i);
            // Further than 0.6 s off nothing pulls.
            while first + 1 < events.len() && events[first].end < t - 0.6 {
                first += 1;
            }
            let near = || events[first..].iter().take_while(|e| e.start < t + 0.6);
            let mean = |reach: (f64, f64), weight: fn(&Dominance) -> f32, value: fn(&Shape) -> f32| {
                let (mut sum, mut total) = (0.0, 1e-6);
                for event in near() {
                    let w = weight(&event.weight) * pull(event, t, reach);
                    sum += w * value(&event.shape);
                    total += w;
                }
                sum / total
            };
            Shape {
                jaw: mean(JAW_REACH, |d| d.jaw, |s| s.jaw),
                funnel: mean(ROUND_REACH, |d| d.lips, |s| s.funnel),
                pucker: mean(ROUND_REACH, |d| d.lips, |s| s.pucker),
                stretch: mean(LIP_REACH, |d| d.lips, |s| s.stretch),
                lower_down: mean(JAW_REACH, |d| d.jaw, |s| s.lower_down),
                upper_up: mean(JAW_REACH, |d| d.jaw, |s| s.upper_up),
                roll_lower: mean(JAW_REACH, |d| d.jaw, |s| s.roll_lower),
                tongue: mean(JAW_REACH, |d| d.jaw, |s| s.tongue),
                // The tip obeys its own consonant, whatever the jaw does.
                tongue_up: mean(JAW_REACH, |_| 1.0, |s| s.tongue_up),
            }
        })
        .collect()
}

/// Flesh has mass: jaw and lips round off what the exponentials leave as corners, without lag.
fn soften(shapes: &mut [Shape]) {
    let parts: [fn(&mut Shape) -> &mut f32; 6] = [
        |s| &mut s.jaw,
        |s| &mut s.lower_down,
        |s| &mut s.upper_up,
        |s| &mut s.roll_lower,
        |s| &mut s.tongue,
        |s| &mut s.tongue_up,
    ];
    for part in parts {
        let values: Vec<f32> = shapes.iter_mut().map(|shape| *part(shape)).collect();
        for (shape, value) in shapes.iter_mut().zip(smooth(&values, 0.014)) {
            *part(shape) = value;
        }
    }
}

/// How closed the lips are by p, b and m, 0..1.
fn closures(scene: &Scene<'_>) -> Vec<f32> {
    let mut closure = vec![0f32; scene.count];
    for timed in scene.timeline.phones.iter().filter(|p| p.phone.phoneme.closes_lips()) {
        // A stop opens with its burst, a little before its phoneme ends; m with its end.
        let stop = timed.phone.phoneme.manner == Manner::Stop;
        let end = if stop { timed.end - (0.35 * (timed.end - timed.start)).min(0.03) } else { timed.end - 0.005 };
        let start = timed.start.min(end - LEAST_CLOSURE);
        let from = (((start - CLOSING) * super::RATE).max(0.0)) as usize;
        let to = (((end + OPENING) * super::RATE) as usize + 2).min(scene.count);
        for (i, value) in closure.iter_mut().enumerate().take(to).skip(from) {
            let t = Scene::time(i);
            let x = if t < start { 1.0 - (start - t) / CLOSING } else { 1.0 - (t - end).max(0.0) / OPENING };
            let x = x.clamp(0.0, 1.0) as f32;
            *value = value.max(x * x * (3.0 - 2.0 * x));
        }
    }
    closure
}

/// How far a breath parts the lips, 0..1.
fn breath(scene: &Scene<'_>) -> Vec<f32> {
    let mut parted = vec![0f32; scene.count];
    for &(start, end) in &scene.timeline.breaths {
        let range = (start.max(0.1) * super::RATE) as usize..((end * super::RATE) as usize).min(scene.count);
        let (first, length) = (range.start, range.len().max(1) as f32);
        for i in range {
            parted[i] = (std::f32::consts::PI * (i - first) as f32 / length).sin();
        }
    }
    smooth(&parted, 0.03)
}

/// How far the mouth opens against its usual, from loudness and pitch.
fn strength(scene: &Scene<'_>) -> Vec<f32> {
    let notes = &scene.score.notes;
    let mut pitches: Vec<f32> = notes.iter().map(|n| n.pitch).collect();
    pitches.sort_by(f32::total_cmp);
    let median = pitches.get(pitches.len() / 2).copied().unwrap_or(60.0);
    let mut note = 0;
    let mut height = 0f32;
    let envelope = smooth(&scene.envelope, 0.022);
    (0..scene.count)
        .map(|i| {
            let t = Scene::time(i);
            while note + 1 < notes.len() && notes[note + 1].start <= t {
                note += 1;
            }
            let wanted = notes.get(note).map_or(0.0, |n| ((n.pitch - median) / 12.0).clamp(-0.7, 1.0));
            height += 0.25 * (wanted - height);
            scene.bearing.mouth * (0.25 + 0.80 * envelope[i]) * (1.0 + 0.35 * height)
        })
        .collect()
}
