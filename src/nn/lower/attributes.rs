//! Small readings of tract's types.

use super::view::View;
use crate::nn::plan::Place;
use tract_onnx::prelude::*;

/// A shape without symbols, each axis at least 1 long.
pub(super) fn shape(fact: &TypedFact) -> Option<Vec<u32>> {
    let dims = fact.shape.as_concrete()?;
    dims.iter().map(|&d| u32::try_from(d).ok().filter(|&d| d > 0)).collect()
}

/// The numbers of a tensor; truth is 1, falsehood 0. Infinite ones, as in masks, become the largest there are: shading
/// languages know no infinity.
pub(super) fn numbers(tensor: &Tensor) -> Option<Vec<f32>> {
    let floats = tensor.cast_to::<f32>().ok()?;
    let floats = floats.try_as_plain_ram().ok()?;
    Some(floats.as_slice::<f32>().ok()?.iter().map(|v| v.clamp(f32::MIN, f32::MAX)).collect())
}

/// Whole numbers, for indices.
pub(super) fn integers(tensor: &Tensor) -> Option<Vec<i64>> {
    let whole = tensor.cast_to::<i64>().ok()?;
    Some(whole.try_as_plain_ram().ok()?.as_slice::<i64>().ok()?.to_vec())
}

/// Shape of a tensor.
pub(super) fn tensor_shape(tensor: &Tensor) -> Vec<u32> {
    tensor.shape().iter().map(|&d| d as u32).collect()
}

/// Whether a view is of constants.
pub(super) fn is_constant(view: &View) -> bool {
    matches!(view.place, Place::Constant(..))
}
