//! Who stands in the light.

use crate::animate::smoothstep;

/// Seconds over which a light comes up before its singer does, and goes down after.
const EASE: f32 = 0.35;
/// How far all are lit while nobody sings.
const HOUSE_LIGHTS: f32 = 0.5;

/// How far each singer is lit at `t` seconds, 0..1. `singing`: for each singer the spans in which they sing, seconds
/// from and to. While nobody sings all are half lit.
///
/// A light is up when its singer begins; a shorter rest than it takes to go down and up leaves it nearly up.
pub fn spotlight(singing: &[Vec<[f32; 2]>], t: f32) -> Vec<f32> {
    let own = |spans: &Vec<[f32; 2]>| spans.iter().map(|&span| light(span, t)).fold(0.0, f32::max);
    let own: Vec<f32> = singing.iter().map(own).collect();
    // A product and not the largest: where one light follows another the rest of the stage stays smooth.
    let quiet: f32 = own.iter().map(|light| 1.0 - light).product();
    own.iter().map(|light| (light + HOUSE_LIGHTS * quiet).clamp(0.0, 1.0)).collect()
}

/// 0 well outside a span, 1 within.
fn light([from, to]: [f32; 2], t: f32) -> f32 {
    let sound = from <= to && t.is_finite();
    if !sound {
        return 0.0;
    }
    let off = (from - t).max(t - to).max(0.0);
    smoothstep(0.0, 1.0, 1.0 - off / EASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_follow_the_singers() {
        let singing = [vec![[1.0, 2.0], [5.0, 6.0]], vec![[3.0, 4.0]], vec![]];
        let near = |t: f32, lights: [f32; 3]| {
            let found = spotlight(&singing, t);
            assert!(found.iter().zip(lights).all(|(a, b)| (a - b).abs() < 1e-6), "at {t}: {found:?}");
        };
        near(0.0, [0.5; 3]);
        near(1.0, [1.0, 0.0, 0.0]);
        near(1.5, [1.0, 0.0, 0.0]);
        near(2.5, [0.5; 3]);
        near(3.5, [0.0, 1.0, 0.0]);
        near(9.0, [0.5; 3]);
    }

    #[test]
    fn lights_do_not_jump() {
        let singing = [vec![[0.5, 1.0]], vec![[1.0, 1.6], [1.8, 2.0]], vec![[0.9, 2.0]]];
        let mut last = spotlight(&singing, 0.0);
        for i in 1..=300 {
            let now = spotlight(&singing, i as f32 * 0.01);
            for (a, b) in last.iter().zip(&now) {
                assert!((a - b).abs() < 0.08 && (0.0..=1.0).contains(b), "{i}: {last:?} {now:?}");
            }
            last = now;
        }
    }

    #[test]
    fn what_is_no_span_lights_nobody() {
        let singing = [vec![[f32::NAN, 2.0], [3.0, 1.0]], vec![[0.0, f32::INFINITY]]];
        assert_eq!(spotlight(&singing, 1.5), [0.0, 1.0]);
        assert_eq!(spotlight(&singing, f32::NAN), [0.5, 0.5]);
        assert!(spotlight(&[], 1.0).is_empty());
    }
}
