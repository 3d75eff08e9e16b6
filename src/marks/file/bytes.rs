//! Numbers in bytes that may end too early.

/// `N` bytes from `at`, or `None` where there are fewer.
pub(super) fn array<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// 16 bits, big-endian.
pub(super) fn be16(data: &[u8], at: usize) -> Option<usize> {
    array(data, at).map(|bytes| usize::from(u16::from_be_bytes(bytes)))
}

/// 32 bits, big-endian.
pub(super) fn be32(data: &[u8], at: usize) -> Option<u32> {
    array(data, at).map(u32::from_be_bytes)
}

/// 64 bits, big-endian.
pub(super) fn be64(data: &[u8], at: usize) -> Option<u64> {
    array(data, at).map(u64::from_be_bytes)
}

/// 32 bits, little-endian.
pub(super) fn le32(data: &[u8], at: usize) -> Option<u32> {
    array(data, at).map(u32::from_le_bytes)
}

/// CRC-32 as in PNG (annex D) and gzip.
pub(super) fn crc32(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}
