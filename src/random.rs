//! A small seeded generator: the same song is the same bytes, and no dependency is needed for noise and chance.

/// xorshift32 (Marsaglia, Journal of Statistical Software 8, 2003).
#[derive(Debug, Clone)]
pub(crate) struct Rng(u32);

impl Rng {
    /// `stream` tells the uses of one seed apart.
    pub(crate) fn new(seed: u32, stream: u32) -> Rng {
        let mixed = (seed ^ stream.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B) ^ 0xC2B2_AE35;
        Rng(mixed.max(1))
    }

    /// The seed of number `member` of several who are to differ.
    pub(crate) fn seed_of(seed: u32, member: usize) -> u32 {
        seed.wrapping_add((member as u32).wrapping_mul(0x632B_E59B))
    }

    /// Uniform in -1..1.
    pub(crate) fn signed(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 as i32 as f32) / 2_147_483_648.0
    }

    /// Uniform in `low..high`.
    pub(crate) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (0.5 + 0.5 * self.signed())
    }
}
