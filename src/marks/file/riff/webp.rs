//! The header that a WebP of one chunk lacks (RFC 9649, 2.7).

use crate::marks::file::bytes::{array, le32};

/// The header's flags: there is XMP, there is transparency.
pub(super) const XMP: u8 = 0x04;
const ALPHA: u8 = 0x10;

/// The data of a `VP8X` chunk for a file of one picture; `None` where that is no picture.
pub(super) fn header(kind: &[u8; 4], picture: &[u8]) -> Option<Vec<u8>> {
    let (width, height, alpha) = match kind {
        // A key frame's header (RFC 6386, 9.1): three bytes, a start code, and twice 14 bits with two of scaling.
        b"VP8 " if picture.get(3..6) == Some(&[0x9d, 0x01, 0x2a]) => {
            let [width, height] = [6, 8].map(|at| array(picture, at).map(u16::from_le_bytes));
            (u32::from(width? & 0x3fff), u32::from(height? & 0x3fff), false)
        }
        // A signature, then 14 bits each less one, and whether there is transparency (RFC 9649, 3.4).
        b"VP8L" if picture.first() == Some(&0x2f) => {
            let bits = le32(picture, 1)?;
            ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, bits >> 28 & 1 == 1)
        }
        _ => return None,
    };
    let mut header = vec![XMP | if alpha { ALPHA } else { 0 }, 0, 0, 0];
    for side in [width.checked_sub(1)?, height.checked_sub(1)?] {
        header.extend(&side.to_le_bytes()[..3]);
    }
    Some(header)
}
