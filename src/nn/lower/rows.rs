//! Operations along axes: softmax, reductions.

use super::builder::Builder;
use super::view::View;
use crate::nn::plan::{Op, Reduce, Reducer, Softmax};
use tract_onnx::tract_core::ops as tract;
use tract_onnx::tract_core::ops::nn::{Reducer as TractReducer, SoftmaxKind};

/// [outer, length, inner] of neighbouring axes.
fn around(shape: &[u32], axes: &[usize]) -> Option<(u32, u32, u32)> {
    let mut axes = axes.to_vec();
    axes.sort_unstable();
    let neighbours = axes.windows(2).all(|pair| shape[pair[0] + 1..pair[1]].iter().all(|&d| d == 1));
    let (&first, &last) = (axes.first()?, axes.last()?);
    neighbours.then(|| {
        (shape[..first].iter().product(), shape[first..=last].iter().product(), shape[last + 1..].iter().product())
    })
}

pub(super) fn softmax(
    builder: &mut Builder,
    name: &str,
    op: &tract::nn::Softmax,
    input: View,
    shape: &[u32],
) -> Result<View, String> {
    let (outer, length, inner) = around(shape, &op.axes).ok_or("Softmax over axes that are no neighbours")?;
    if op.quant_output_dt.is_some() {
        return Err("Softmax to whole numbers".to_owned());
    }
    let input = builder.dense(name, &input);
    let op = Op::Softmax(Softmax { input, outer, length, inner, log: matches!(op.kind, SoftmaxKind::LogSoftmax) });
    Ok(builder.node(name, op, shape, Vec::new()))
}

pub(super) fn reducer(reducer: TractReducer) -> Option<Reducer> {
    Some(match reducer {
        TractReducer::Sum => Reducer::Sum,
        TractReducer::Max => Reducer::Max,
        TractReducer::Min => Reducer::Min,
        TractReducer::Prod => Reducer::Product,
        TractReducer::MeanOfSquares => Reducer::MeanOfSquares,
        _ => return None,
    })
}

pub(super) fn reduce(
    builder: &mut Builder,
    name: &str,
    axes: &[usize],
    reducer: Reducer,
    input: View,
    shape: &[u32],
) -> View {
    let mut view = input;
    if around(&view.shape(), axes).is_none() {
        // The reduced axes go to the end, where they are neighbours.
        let rank = view.axes.len();
        let kept = (0..rank).filter(|axis| !axes.contains(axis));
        let order: Vec<usize> = kept.chain(axes.iter().copied()).collect();
        view = View { place: view.place, axes: order.iter().map(|&axis| view.axes[axis]).collect() };
        let reduced: Vec<usize> = (rank - axes.len()..rank).collect();
        return reduced_view(builder, name, &reduced, reducer, &view, shape);
    }
    reduced_view(builder, name, axes, reducer, &view, shape)
}

fn reduced_view(
    builder: &mut Builder,
    name: &str,
    axes: &[usize],
    reducer: Reducer,
    view: &View,
    shape: &[u32],
) -> View {
    let (outer, length, inner) = around(&view.shape(), axes).unwrap_or((view.elements() as u32, 1, 1));
    let input = builder.dense(name, view);
    builder.node(name, Op::Reduce(Reduce { input, outer, length, inner, reducer }), shape, Vec::new())
}
