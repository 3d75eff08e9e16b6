//! The `.plan` file: a header, the plan's description as JSON, then the numbers of its constants.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `PORTPLAN` |
//! | 4 | version, little-endian like all that follows |
//! | 4 | CRC-32 of everything after it |
//! | 4 | length of the description |
//! | n | the [`Plan`] as JSON |
//! | rest | the constants, each as its encoding says, in order |

use super::check::plain;
use super::{Constant, Encoding, MAX_ELEMENTS, Plan};
use crate::nn::NetworkError;
use flate2::Crc;

/// The first bytes of every plan.
pub const MAGIC: &[u8; 8] = b"PORTPLAN";
/// Largest plan that is read, bytes.
pub const MAX_PLAN_BYTES: usize = 64 << 20;
/// Grows whenever an older reader would misread what is written.
const VERSION: u32 = 1;
const HEADER: usize = 20;

impl Plan {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let description = serde_json::to_vec(self).unwrap_or_default();
        let mut body = (description.len() as u32).to_le_bytes().to_vec();
        body.extend(description);
        for constant in &self.constants {
            constant.encode(&mut body);
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(checksum(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// Reads a file. `name` appears in error messages.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`] for bytes that are no plan, cut off, changed, of another version, or of a size that
    /// no device takes.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, NetworkError> {
        Self::read(bytes).map_err(|reason| NetworkError::Unreadable { network: name.to_owned(), reason })
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_PLAN_BYTES {
            return Err(format!("it has {} bytes", bytes.len()));
        }
        if bytes.len() < HEADER || !bytes.starts_with(MAGIC) {
            return Err("it is no plan, or cut off".to_owned());
        }
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if word(8) != VERSION {
            return Err(format!("it has version {}, this program reads {VERSION}", word(8)));
        }
        if word(12) != checksum(&bytes[16..]) {
            return Err("its bytes have changed on the way".to_owned());
        }
        let rest = &bytes[HEADER..];
        let length = word(16) as usize;
        let description = rest.get(..length).ok_or("it is cut off")?;
        let mut plan: Self = serde_json::from_slice(description).map_err(|error| plain(&error.to_string()))?;
        let mut numbers = &rest[length..];
        for constant in &mut plan.constants {
            constant.check()?;
            let stored = constant.stored_bytes();
            let own = numbers.get(..stored).ok_or("its weights are cut off")?;
            constant.decode(own);
            numbers = &numbers[stored..];
        }
        plan.check()?;
        Ok(plan)
    }
}

impl Constant {
    fn check(&self) -> Result<(), String> {
        let elements = self.shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d as usize));
        match elements {
            Some(n) if n > 0 && n <= MAX_ELEMENTS => Ok(()),
            _ => Err(format!("weights of shape {:?}", self.shape)),
        }
    }

    /// Picks the smallest encoding for `values` that loses nothing to speak of.
    pub fn new(shape: Vec<u32>, values: Vec<f32>) -> Self {
        let mut constant = Self { shape, encoding: Encoding::F32, values };
        // Small ones, biases and tables, are not worth an error; larger numbers than half precision has stay as they are.
        if constant.values.len() > 512 && constant.values.iter().all(|v| v.abs() <= 65504.0) {
            let int8 = [Encoding::Int8Rows, Encoding::Int8Columns].into_iter().find(|&kind| constant.is_int8(kind));
            constant.encoding = int8.unwrap_or(Encoding::F16);
        }
        constant
    }

    /// Rounds the values as the file will, so that a plan in memory and one read back are the same.
    pub fn rounded(mut self) -> Self {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        self.decode(&bytes);
        self
    }

    /// Which of the scales a number has, in order.
    fn groups(&self, encoding: Encoding) -> impl Fn(usize) -> usize + use<> {
        let (rows, columns) = (self.rows(), self.elements() / self.rows().max(1));
        move |i| if encoding == Encoding::Int8Rows { (i / columns.max(1)).min(rows) } else { i % columns.max(1) }
    }

    /// The numbers that share each scale.
    fn grouped(&self, encoding: Encoding) -> Vec<Vec<f32>> {
        let group = self.groups(encoding);
        let mut out = vec![Vec::new(); self.scales(encoding)];
        for (i, &value) in self.values.iter().enumerate() {
            out[group(i)].push(value);
        }
        out
    }

    /// Whether it came from int8 with a scale a row or column: then each one's numbers are whole multiples of a step.
    fn is_int8(&self, encoding: Encoding) -> bool {
        let scales = self.scales(encoding);
        self.elements() >= 8 * scales && self.grouped(encoding).iter().all(|group| step_of(group).is_some())
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        match self.encoding {
            Encoding::F32 => bytes.extend(self.values.iter().flat_map(|v| v.to_le_bytes())),
            Encoding::F16 => bytes.extend(self.values.iter().flat_map(|&v| half::f16::from_f32(v).to_le_bytes())),
            encoding @ (Encoding::Int8Rows | Encoding::Int8Columns) => {
                let steps: Vec<f32> =
                    self.grouped(encoding).iter().map(|group| step_of(group).unwrap_or(1.0)).collect();
                bytes.extend(steps.iter().flat_map(|step| step.to_le_bytes()));
                let group = self.groups(encoding);
                let whole = |(i, v): (usize, &f32)| (v / steps[group(i)]).round().clamp(-127.0, 127.0) as i8 as u8;
                bytes.extend(self.values.iter().enumerate().map(whole));
            }
        }
    }

    /// `bytes` are as many as [`Constant::stored_bytes`] says.
    fn decode(&mut self, bytes: &[u8]) {
        let floats =
            |bytes: &[u8]| -> Vec<f32> { bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect() };
        self.values = match self.encoding {
            Encoding::F32 => floats(bytes),
            Encoding::F16 => bytes.as_chunks::<2>().0.iter().map(|&b| half::f16::from_le_bytes(b).to_f32()).collect(),
            encoding @ (Encoding::Int8Rows | Encoding::Int8Columns) => {
                let (steps, numbers) = bytes.split_at(4 * self.scales(encoding));
                let (steps, group) = (floats(steps), self.groups(encoding));
                numbers.iter().enumerate().map(|(i, &b)| steps[group(i)] * f32::from(b as i8)).collect()
            }
        };
    }
}

/// The step that all numbers of a row are whole multiples of, at most 127 times; none for numbers that were never
/// rounded. The row may be a part of the one whose largest number was 127 steps.
fn step_of(row: &[f32]) -> Option<f32> {
    let most = row.iter().fold(0.0_f32, |most, v| most.max(v.abs())).max(1e-20);
    (32..=127)
        .rev()
        .map(|steps| most / steps as f32)
        .find(|step| row.iter().all(|v| (v / step - (v / step).round()).abs() < 2e-3))
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
