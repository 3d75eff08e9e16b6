//! What an export says of itself, before it is written in any one format's way.

use serde::{Deserialize, Serialize};

/// The name that stands in every mark as the maker's.
pub const PRODUCER: &str = "Portraoke";

/// IPTC's word for pictures partly made by trained networks: a real photograph that a program moves
/// (<https://cv.iptc.org/newscodes/digitalsourcetype/>).
pub const SOURCE_TYPE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

/// What an export says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Tells this file from every other: 16 random bytes. AIGC's `ProduceID` is made of them, and the watermark carries
    /// their beginning.
    pub id: [u8; 16],
    /// The maker's name as AIGC's `ContentProducer`: [`PRODUCER`], or what a deployer is obliged to write there.
    pub producer: String,
    /// The clip's name, for people; may be empty.
    pub title: String,
    /// What people read: one English sentence that says what was made and by what means.
    pub description: String,
    /// When it was made, seconds since 1970 by the visitor's clock, which may be wrong; `None` without a clock.
    pub made: Option<u64>,
}

impl Statement {
    /// How every `ProduceID` of ours begins, whoever the producer is.
    pub const ID_PREFIX: &str = "portraoke-";

    /// AIGC's `ProduceID`: the maker and [`Statement::id`] in hexadecimal.
    pub fn produce_id(&self) -> String {
        let hex: String = self.id.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}{hex}", Self::ID_PREFIX)
    }

    /// The part of the id that the watermark has room for: its first 14 bits.
    pub fn short_id(&self) -> u16 {
        u16::from_be_bytes([self.id[0], self.id[1]]) >> 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_id_begins_the_long_one() {
        let mut id = [0; 16];
        (id[0], id[1]) = (0xff, 0xfd);
        let statement =
            Statement { id, producer: PRODUCER.into(), title: String::new(), description: String::new(), made: None };
        assert_eq!(statement.short_id(), 0x3fff);
        assert_eq!(statement.produce_id(), "portraoke-fffd0000000000000000000000000000");
    }
}
