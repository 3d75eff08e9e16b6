//! Retargeting: the driver's motion onto a source that already wears an expression and a pose.

use crate::head::expression::{EXPRESSION_COUNT, EXPRESSION_NAMES, Expression};

/// Channels whose value the song decides alone: a source photographed with an open mouth must still be able to
/// close it, so what the photo shows there is not kept.
const DRIVEN: [&str; 14] = [
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "tongueOut",
];

/// Share of the source's own smile, brows and squint that stays while it sings.
const KEPT: f32 = 0.75;

/// Largest turn away from the camera, radians: past it the photo has no pixels for the far cheek.
const YAW_LIMIT: f32 = 0.45;
const PITCH_LIMIT: f32 = 0.30;
const ROLL_LIMIT: f32 = 0.40;

/// The expression to show: the driver's, over what stays of the source's own.
///
/// At rest a driven channel eases to the source's own value scaled by `rest`, 0..1: 1 shows the untouched photo,
/// 0 lets the song decide. The caller fades it in and out around the song.
pub fn retarget_expression(source: &Expression, driver: &Expression, rest: f32) -> Expression {
    let mut target = [0.0; EXPRESSION_COUNT];
    for (i, name) in EXPRESSION_NAMES.iter().enumerate() {
        let (own, driven) = (source.0[i], driver.0[i]);
        let sung = if DRIVEN.contains(name) {
            driven
        } else if name.starts_with("eyeBlink") {
            // A narrow eye keeps its own opening and still closes fully.
            own + (1.0 - own) * driven
        } else {
            own * KEPT + driven * (1.0 - own * KEPT)
        };
        target[i] = (own * rest + sung * (1.0 - rest)).clamp(0.0, 1.0);
    }
    Expression(target)
}

/// The source's expression changed by as much as the driver's changed from `reference`: the driver's own resting
/// face does not leak into the result.
pub fn offset_expression(source: &Expression, driver: &Expression, reference: &Expression) -> Expression {
    Expression(std::array::from_fn(|i| (source.0[i] + driver.0[i] - reference.0[i]).clamp(0.0, 1.0)))
}

/// The head's turn to add to the source's pose, limited so that the sum stays where the photo has pixels.
/// A source that is already beyond a limit may turn back, not further.
pub fn retarget_rotation(source: [f32; 3], driver: [f32; 3]) -> [f32; 3] {
    let limits = [YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT];
    std::array::from_fn(|i| {
        let (low, high) = ((-limits[i]).min(source[i]), limits[i].max(source[i]));
        (source[i] + driver[i]).clamp(low, high) - source[i]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_mouth_can_close_and_a_narrow_eye_can_blink() {
        let mut source = Expression::default();
        source.set("jawOpen", 0.6);
        source.set("eyeBlinkLeft", 0.3);
        let mut driver = Expression::default();
        driver.set("eyeBlinkLeft", 1.0);
        let target = retarget_expression(&source, &driver, 0.0);
        assert_eq!(target.get("jawOpen"), 0.0);
        assert_eq!(target.get("eyeBlinkLeft"), 1.0);
    }

    #[test]
    fn at_rest_the_source_is_untouched() {
        let mut source = Expression::default();
        source.set("mouthSmileLeft", 0.8);
        assert_eq!(retarget_expression(&source, &Expression::default(), 1.0), source);
    }

    #[test]
    fn a_turned_source_turns_no_further() {
        assert_eq!(retarget_rotation([0.6, 0.0, 0.0], [0.2, 0.0, 0.0])[0], 0.0);
        assert!((retarget_rotation([0.6, 0.0, 0.0], [-0.2, 0.0, 0.0])[0] + 0.2).abs() < 1e-6);
    }
}
