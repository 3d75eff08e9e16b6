//! The 3-D head model: identity modes, ARKit expression deltas, eyes, teeth and tongue.

pub mod expression;
