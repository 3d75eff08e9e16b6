//! Constants: as many numbers as their shape says, and numbers they are.

use super::{MAX_AXES, MAX_ELEMENTS, shortened};
use tract_onnx::pb::TensorProto;
use tract_onnx::pb::tensor_proto::DataType;

/// That the tensor holds what its shape says, inside the file, and no value that is not a number.
pub(super) fn check(tensor: &TensorProto, name: &str) -> Result<(), String> {
    let name = shortened(name);
    if tensor.data_location == Some(1) || !tensor.external_data.is_empty() {
        return Err(format!("its weights `{name}` are in another file; save it with its weights inside"));
    }
    let dims: Option<Vec<usize>> = tensor.dims.iter().map(|&d| usize::try_from(d).ok()).collect();
    let elements = dims.and_then(|dims| dims.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)));
    let fits = |n: &usize| *n <= MAX_ELEMENTS && tensor.dims.len() <= MAX_AXES;
    let Some(elements) = elements.filter(fits) else {
        return Err(format!("its weights `{name}` have the shape {}", shortened(&format!("{:?}", tensor.dims))));
    };
    let Some((size, typed)) = stored(tensor) else {
        return Err(format!("its weights `{name}` are of a type that ONNX does not know ({})", tensor.data_type));
    };
    let held = if tensor.raw_data.is_empty() { typed } else { tensor.raw_data.len() / size };
    if held != elements || (!tensor.raw_data.is_empty() && tensor.raw_data.len() != elements * size) {
        return Err(format!("its weights `{name}` hold {held} numbers where their shape says {elements}"));
    }
    if floats(tensor).iter().any(|value| value.is_nan()) {
        return Err(format!("its weights `{name}` hold values that are not numbers"));
    }
    Ok(())
}

/// Bytes that a number has as raw data, and how many numbers the typed field holds.
fn stored(tensor: &TensorProto) -> Option<(usize, usize)> {
    Some(match DataType::try_from(tensor.data_type).ok()? {
        DataType::Float => (4, tensor.float_data.len()),
        DataType::Double => (8, tensor.double_data.len()),
        DataType::Int64 => (8, tensor.int64_data.len()),
        DataType::Uint32 => (4, tensor.uint64_data.len()),
        DataType::Uint64 => (8, tensor.uint64_data.len()),
        DataType::Int32 => (4, tensor.int32_data.len()),
        DataType::Uint16 | DataType::Int16 | DataType::Float16 | DataType::Bfloat16 => (2, tensor.int32_data.len()),
        DataType::Uint8 | DataType::Int8 | DataType::Bool => (1, tensor.int32_data.len()),
        DataType::String => (1, tensor.string_data.len()),
        _ => return None,
    })
}

/// The numbers of a floating-point tensor; none of any other.
pub(super) fn floats(tensor: &TensorProto) -> Vec<f64> {
    let raw = &tensor.raw_data;
    match DataType::try_from(tensor.data_type) {
        Ok(DataType::Float) if raw.is_empty() => tensor.float_data.iter().map(|&v| f64::from(v)).collect(),
        Ok(DataType::Float) => raw.as_chunks::<4>().0.iter().map(|&b| f64::from(f32::from_le_bytes(b))).collect(),
        Ok(DataType::Double) if raw.is_empty() => tensor.double_data.clone(),
        Ok(DataType::Double) => raw.as_chunks::<8>().0.iter().map(|&b| f64::from_le_bytes(b)).collect(),
        Ok(DataType::Float16) if raw.is_empty() => {
            tensor.int32_data.iter().map(|&v| half::f16::from_bits(v as u16).to_f64()).collect()
        }
        Ok(DataType::Float16) => raw.as_chunks::<2>().0.iter().map(|&b| half::f16::from_le_bytes(b).to_f64()).collect(),
        _ => Vec::new(),
    }
}

/// The numbers of a tensor of indices; none of any other.
pub(super) fn integers(tensor: &TensorProto) -> Vec<i64> {
    let raw = &tensor.raw_data;
    match DataType::try_from(tensor.data_type) {
        Ok(DataType::Int64) if raw.is_empty() => tensor.int64_data.clone(),
        Ok(DataType::Int64) => raw.as_chunks::<8>().0.iter().map(|&b| i64::from_le_bytes(b)).collect(),
        Ok(DataType::Int32) if raw.is_empty() => tensor.int32_data.iter().map(|&v| i64::from(v)).collect(),
        Ok(DataType::Int32) => raw.as_chunks::<4>().0.iter().map(|&b| i64::from(i32::from_le_bytes(b))).collect(),
        _ => Vec::new(),
    }
}
