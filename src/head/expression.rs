//! The expression space: ARKit's 52 blendshape coefficients, each 0..1.

/// Number of expression coefficients.
pub const EXPRESSION_COUNT: usize = 52;

/// ARKit's blendshape location names, alphabetical as in Apple's `ARFaceAnchor.BlendShapeLocation`,
/// `tongueOut` last. "Left" and "Right" are the subject's own.
pub const EXPRESSION_NAMES: [&str; EXPRESSION_COUNT] = [
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
];

/// Position of `name` in [`EXPRESSION_NAMES`].
pub fn expression_index(name: &str) -> Option<usize> {
    EXPRESSION_NAMES.iter().position(|&n| n == name)
}

/// One value for every name of [`EXPRESSION_NAMES`], 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expression(pub [f32; EXPRESSION_COUNT]);

impl Default for Expression {
    fn default() -> Self {
        Self([0.0; EXPRESSION_COUNT])
    }
}

impl Expression {
    /// The coefficient called `name`; 0 for a name ARKit does not have.
    pub fn get(&self, name: &str) -> f32 {
        expression_index(name).map_or(0.0, |i| self.0[i])
    }

    /// Sets the coefficient called `name`; other names are ignored.
    pub fn set(&mut self, name: &str, value: f32) {
        if let Some(i) = expression_index(name) {
            self.0[i] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names = EXPRESSION_NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EXPRESSION_COUNT);
    }
}
