//! What becomes of points, coefficients and angles when a picture is mirrored left to right.

use crate::head::expression::{EXPRESSION_COUNT, EXPRESSION_NAMES, Expression, expression_index};

/// For each of the 68 iBUG points, the point it becomes in the mirrored picture (Sagonas et al. 2013, figure 1).
#[rustfmt::skip]
pub(super) const LANDMARKS68: [usize; 68] = [
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, // jaw
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17, // brows
    27, 28, 29, 30, 35, 34, 33, 32, 31, // nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, // eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, // outer lips
    64, 63, 62, 61, 60, 67, 66, 65, // inner lips
];

/// The expression that the mirrored picture shows: left and right exchanged.
pub(super) fn expression(of: &Expression) -> Expression {
    let mut mirrored = Expression::default();
    for i in 0..EXPRESSION_COUNT {
        mirrored.0[i] = of.0[counterpart(i)];
    }
    mirrored
}

/// Index of the coefficient on the other side; its own for those in the middle.
fn counterpart(index: usize) -> usize {
    let name = EXPRESSION_NAMES[index];
    let other = match (name.strip_suffix("Left"), name.strip_suffix("Right")) {
        (Some(stem), _) => format!("{stem}Right"),
        (_, Some(stem)) => format!("{stem}Left"),
        _ => return index,
    };
    expression_index(&other).unwrap_or(index)
}

/// Yaw and pitch of the image-left and image-right eye in the mirrored picture.
pub(super) fn gaze([left_yaw, left_pitch, right_yaw, right_pitch]: [f32; 4]) -> [f32; 4] {
    [-right_yaw, right_pitch, -left_yaw, left_pitch]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_twice_changes_nothing() {
        for (i, &other) in LANDMARKS68.iter().enumerate() {
            assert_eq!(LANDMARKS68[other], i);
        }
        for i in 0..EXPRESSION_COUNT {
            assert_eq!(counterpart(counterpart(i)), i);
        }
        assert_eq!(gaze(gaze([0.1, 0.2, 0.3, 0.4])), [0.1, 0.2, 0.3, 0.4]);
    }

    #[test]
    fn a_left_wink_becomes_a_right_one() {
        let mut wink = Expression::default();
        wink.set("eyeBlinkLeft", 1.0);
        wink.set("jawOpen", 0.5);
        let mirrored = expression(&wink);
        assert_eq!(mirrored.get("eyeBlinkRight"), 1.0);
        assert_eq!(mirrored.get("eyeBlinkLeft"), 0.0);
        assert_eq!(mirrored.get("jawOpen"), 0.5);
    }
}
