//! Those who wait for their turn: the mouth shut, the rest of them alive.

use super::quirks::{finished, hold_gaze};
use super::{Region, blinks, count, region};
use crate::clip::Track;
use crate::clip::liveliness::{self, quantile, smooth, wander};
use crate::random::Rng;

/// The mouth opens this long before a turn and shuts this long after it where there is a pause, seconds.
const MOUTH: f32 = 0.15;
/// Time constants of taking over, seconds: of the mouth, and of head and brows.
const MOUTH_EASE: f32 = 0.025;
const BODY_EASE: f32 = 0.3;
/// How much of the singer's sway those go along with who listen; and of its brows.
const SWAY: f32 = 0.35;
const FACE: f32 = 0.3;
/// What a listener's head does of its own, radians or inter-ocular distances, and the seconds it takes to change its mind.
const IDLE: [(&str, f32); 4] = [("yaw", 0.035), ("pitch", 0.014), ("roll", 0.020), ("x", 0.012)];
const IDLE_PERIOD: f32 = 2.3;
/// Breathing: rise of the shoulders, inter-ocular distances, and the seconds a breath takes.
const BREATH: (f32, f32) = (0.005, 3.9);
/// Blinks keep at least this far from one another, seconds.
const APART: f32 = 0.5;

/// The track of one who sings those of the phrases that `taken` says and rests through the others.
pub(super) fn rest(track: &Track, phrases: &[[f32; 2]], taken: impl Fn(usize) -> bool, seed: u32) -> Track {
    let mut rng = Rng::new(seed, 33);
    let (count, rate) = (count(track), track.rate);
    let spans: Vec<[f32; 2]> = (0..phrases.len()).filter(|i| taken(*i)).map(|i| widened(phrases, i)).collect();
    let sings = |t: f32| spans.iter().any(|[from, to]| (*from..*to).contains(&t));
    let active: Vec<f32> = (0..count).map(|i| if sings(i as f32 / rate) { 1.0 } else { 0.0 }).collect();
    let mouth = smooth(&active, MOUTH_EASE * rate);
    let body = smooth(&active, BODY_EASE * rate);

    let mut own = track.clone();
    let had = blinks::take(&mut own);
    for (name, samples) in &mut own.channels {
        let usual = if region(name) == Region::Head { quantile(samples.iter().copied(), 0.5) } else { 0.0 };
        for (i, value) in samples.iter_mut().enumerate() {
            let share = |least: f32| least + (1.0 - least) * body[i];
            *value = match region(name) {
                Region::Mouth => *value * mouth[i],
                Region::Head => usual + share(SWAY) * (*value - usual),
                Region::Face => share(FACE) * *value,
                Region::Gaze => share(0.0) * *value,
                Region::Lids => *value,
            };
        }
    }
    // The eyes of who sings look where the singer's do, those of who rests ahead.
    let mut ahead = own.clone();
    for (name, reach) in IDLE {
        let idle = wander(count, IDLE_PERIOD * rate, &mut rng);
        let samples = own.channels.entry(name.to_owned()).or_insert_with(|| vec![0.0; count]);
        for (i, value) in samples.iter_mut().enumerate() {
            *value += (1.0 - body[i]) * reach * idle[i];
        }
    }
    let phase = rng.range(0.0, std::f32::consts::TAU);
    let height = own.channels.entry("y".to_owned()).or_insert_with(|| vec![0.0; count]);
    for (i, value) in height.iter_mut().enumerate() {
        let breath = (std::f32::consts::TAU * i as f32 / rate / BREATH.1 + phase).sin();
        *value += (1.0 - body[i]) * BREATH.0 * breath;
    }
    for name in ["yaw", "pitch"] {
        // While resting, the whole turn is taken back: the gaze itself has faded.
        let turn = track.channels.get(name);
        if let Some(samples) = ahead.channels.get_mut(name) {
            for (i, value) in samples.iter_mut().enumerate() {
                *value = body[i] * turn.map_or(0.0, |turn| turn[i]);
            }
        }
    }
    hold_gaze(&mut own, &ahead);

    let mut set: Vec<f32> = Vec::new();
    for blink in had.iter().filter(|blink| sings(blink.peak() as f32 / rate)) {
        set.push(blink.start as f32 / rate);
        blinks::set(&mut own, blink, blink.start);
    }
    let ends = spans.iter().map(|span| span[1]);
    let length = (track.duration() - 0.4).max(0.0);
    for blink in liveliness::blinks(length, ends, &mut rng) {
        if !sings(blink) && !sings(blink + liveliness::BLINK) && set.iter().all(|other| (other - blink).abs() > APART) {
            blinks::make(&mut own, blink);
        }
    }
    let within = |t: f32| sings(t) || phrases.iter().enumerate().any(|(i, p)| taken(i) && t >= p[0] && t < p[1]);
    own.words.retain(|word| within(0.5 * (word.start + word.end)));
    own.phonemes.retain(|phoneme| within(0.5 * (phoneme.start + phoneme.end)));
    finished(own)
}

/// A phrase with the parts of the pauses around it in which the mouth opens and shuts: at most half of each.
fn widened(phrases: &[[f32; 2]], i: usize) -> [f32; 2] {
    let [from, to] = phrases[i];
    let before = if i > 0 { from - phrases[i - 1][1] } else { 2.0 * MOUTH };
    let after = phrases.get(i + 1).map_or(2.0 * MOUTH, |next| next[0] - to);
    [from - MOUTH.min(0.5 * before), to + MOUTH.min(0.5 * after)]
}
