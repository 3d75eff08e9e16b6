//! How much of a performer the singer is: one dial from shy to opera, and what follows from it.

/// What the dial sets; every factor is 1 at its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bearing {
    /// Factor on the opening of jaw and lips. Closures do not depend on it.
    pub mouth: f32,
    /// Factor on head motion.
    pub head: f32,
    /// Factor on brows and widened eyes.
    pub brows: f32,
    /// Factor on how far the head lifts on long and high notes.
    pub lift: f32,
    /// Factor on the smile.
    pub smile: f32,
    /// How much the singer looks down and aside instead of at the listener, 0..1.
    pub averted: f32,
    /// Factor on the depth of the vibrato.
    pub vibrato: f32,
    /// Factor on the range of loudness: the score's dynamics, swells and phrase arches.
    pub dynamics: f32,
    /// Factor on the widest head angles.
    pub reach: f32,
    /// Seconds by which blinks stray from the ends of phrases. A soloist's do not; a choir whose lids fall together looks
    /// like one face many times.
    pub stray: f32,
}

const SHY: Bearing = Bearing {
    mouth: 0.58,
    head: 0.4,
    brows: 0.3,
    lift: 0.3,
    smile: 0.6,
    averted: 1.0,
    vibrato: 0.3,
    dynamics: 0.45,
    reach: 1.0,
    stray: 0.0,
};

const USUAL: Bearing = Bearing {
    mouth: 1.0,
    head: 1.0,
    brows: 1.0,
    lift: 1.0,
    smile: 1.0,
    averted: 0.0,
    vibrato: 1.0,
    dynamics: 1.0,
    reach: 1.0,
    stray: 0.0,
};

const OPERA: Bearing = Bearing {
    mouth: 1.3,
    head: 1.6,
    brows: 1.9,
    lift: 2.0,
    smile: 0.8,
    averted: 0.0,
    vibrato: 1.7,
    dynamics: 1.6,
    reach: 1.4,
    stray: 0.0,
};

impl Bearing {
    /// From [`Performance::expressiveness`](super::Performance::expressiveness): 0 shy, 1 usual, 2 opera.
    pub(super) fn new(expressiveness: f32) -> Bearing {
        let dial = if expressiveness.is_finite() { expressiveness.clamp(0.0, 2.0) } else { 1.0 };
        let (from, to, x) = if dial < 1.0 { (SHY, USUAL, dial) } else { (USUAL, OPERA, dial - 1.0) };
        let mix = |part: fn(&Bearing) -> f32| part(&from) + (part(&to) - part(&from)) * x;
        Bearing {
            mouth: mix(|b| b.mouth),
            head: mix(|b| b.head),
            brows: mix(|b| b.brows),
            lift: mix(|b| b.lift),
            smile: mix(|b| b.smile),
            averted: mix(|b| b.averted),
            vibrato: mix(|b| b.vibrato),
            dynamics: mix(|b| b.dynamics),
            reach: mix(|b| b.reach),
            stray: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dial_runs_from_shy_to_opera() {
        assert_eq!(Bearing::new(-3.0), SHY);
        assert_eq!(Bearing::new(1.0), USUAL);
        assert_eq!(Bearing::new(f32::NAN), USUAL);
        assert_eq!(Bearing::new(9.0), OPERA);
        let half = Bearing::new(1.5);
        assert!(half.mouth > USUAL.mouth && half.mouth < OPERA.mouth);
    }
}
