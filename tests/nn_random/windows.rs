//! Random convolutions and pools.

use super::graph::{Given, Graph, Value};
use super::operators::{MOST, ints, volume};

/// Kernel, stride, dilation and pads along an axis, and the result's length.
fn window(g: &mut Graph, length: usize) -> ([usize; 5], usize) {
    let r = &mut g.random;
    let (kernel, stride, dilation) = (r.within(1, 4), r.within(1, 3), r.within(1, 2));
    let reach = (kernel - 1) * dilation + 1;
    let (before, mut after) = (r.below(kernel), r.below(kernel));
    if length + before + after < reach {
        after = reach - length - before;
    }
    ([kernel, stride, dilation, before, after], (length + before + after - reach) / stride + 1)
}

pub fn conv(g: &mut Graph, x: &Value) {
    let rank = x.shape.len();
    if !(3..=5).contains(&rank) {
        return;
    }
    let channels = x.shape[1];
    let groups = match g.random.below(3) {
        0 => channels,
        1 if channels.is_multiple_of(2) => 2,
        _ => 1,
    };
    let out = groups * if groups == channels && groups > 1 { g.random.within(1, 2) } else { g.random.within(1, 6) };
    let point = g.random.chance(3);
    let axes: Vec<([usize; 5], usize)> =
        x.shape[2..].iter().map(|&length| if point { ([1, 1, 1, 0, 0], length) } else { window(g, length) }).collect();
    let pick = |i: usize| axes.iter().map(|(w, _)| w[i]).collect::<Vec<_>>();
    let shape: Vec<usize> = [x.shape[0], out].into_iter().chain(axes.iter().map(|(_, length)| *length)).collect();
    if volume(&shape) > MOST {
        return;
    }
    let kernel = pick(0);
    let fan = channels / groups * volume(&kernel);
    let dims: Vec<usize> = [out, channels / groups].into_iter().chain(kernel).collect();
    let weights = g.weights(&dims, 1.5 / (fan as f32).sqrt());
    let bias = g.random.chance(6).then(|| g.weights(&[out], 0.5));
    let inputs: Vec<&str> = [x.name.as_str(), &weights].into_iter().chain(bias.as_deref()).collect();
    let pads: Vec<usize> = pick(3).into_iter().chain(pick(4)).collect();
    let attributes = [
        ("group", Given::Int(groups as i64)),
        ("strides", ints(&pick(1))),
        ("dilations", ints(&pick(2))),
        ("pads", ints(&pads)),
    ];
    g.node("Conv", &inputs, &attributes, &[shape]);
}

pub fn conv_transpose(g: &mut Graph, x: &Value) {
    let rank = x.shape.len();
    if !(3..=5).contains(&rank) {
        return;
    }
    let channels = x.shape[1];
    let groups = if channels.is_multiple_of(2) && g.random.chance(3) { 2 } else { 1 };
    let each = g.random.within(1, 4);
    let (mut lists, mut shape) = (vec![Vec::new(); 6], vec![x.shape[0], groups * each]);
    for &length in &x.shape[2..] {
        let r = &mut g.random;
        let (kernel, stride, dilation) = (r.within(1, 4), r.within(1, 3), r.within(1, 2));
        let full = (length - 1) * stride + (kernel - 1) * dilation + 1;
        let (before, after) = (r.below(kernel), r.below(kernel));
        let (before, after) = if before + after < full { (before, after) } else { (0, 0) };
        let more = r.below(stride);
        for (list, value) in lists.iter_mut().zip([kernel, stride, dilation, before, after, more]) {
            list.push(value);
        }
        shape.push(full - before - after + more);
    }
    if volume(&shape) > MOST {
        return;
    }
    let fan = channels / groups * volume(&lists[0]);
    let dims: Vec<usize> = [channels, each].into_iter().chain(lists[0].iter().copied()).collect();
    let weights = g.weights(&dims, 1.5 / (fan as f32).sqrt());
    let bias = g.random.chance(6).then(|| g.weights(&[groups * each], 0.5));
    let inputs: Vec<&str> = [x.name.as_str(), &weights].into_iter().chain(bias.as_deref()).collect();
    let pads: Vec<usize> = lists[3].iter().chain(&lists[4]).copied().collect();
    let attributes = [
        ("group", Given::Int(groups as i64)),
        ("kernel_shape", ints(&lists[0])),
        ("strides", ints(&lists[1])),
        ("dilations", ints(&lists[2])),
        ("pads", ints(&pads)),
        ("output_padding", ints(&lists[5])),
    ];
    g.node("ConvTranspose", &inputs, &attributes, &[shape]);
}

pub fn pool(g: &mut Graph, x: &Value) {
    if !(3..=5).contains(&x.shape.len()) {
        return;
    }
    let max = g.random.chance(5);
    let axes: Vec<([usize; 5], usize)> = x.shape[2..].iter().map(|&length| window(g, length)).collect();
    // No window may lie in the padding alone: its maximum would be the least number there is.
    let fine = axes.iter().all(|(w, _)| match w[2] {
        1 => w[3] < w[0] && w[4] < w[0],
        _ => max && w[3] + w[4] == 0,
    });
    if !fine {
        return;
    }
    let pick = |i: usize| axes.iter().map(|(w, _)| w[i]).collect::<Vec<_>>();
    let shape: Vec<usize> = x.shape[..2].iter().copied().chain(axes.iter().map(|(_, length)| *length)).collect();
    let pads: Vec<usize> = pick(3).into_iter().chain(pick(4)).collect();
    let mut attributes = vec![("kernel_shape", ints(&pick(0))), ("strides", ints(&pick(1))), ("pads", ints(&pads))];
    if max {
        attributes.push(("dilations", ints(&pick(2))));
    } else {
        attributes.push(("count_include_pad", Given::Int(g.random.below(2) as i64)));
    }
    g.node(if max { "MaxPool" } else { "AveragePool" }, &[&x.name], &attributes, &[shape]);
}
