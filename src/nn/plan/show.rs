//! A plan for people to read.

use super::{Node, Operand, Plan, Step};
use std::fmt::Write;

/// One line an operation: what it does, its shape, its work and its memory; then the sums.
pub fn show(plan: &Plan) -> String {
    let mut text = String::new();
    let shape = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
    for (word, ports) in [("input", &plan.inputs), ("output", &plan.outputs)] {
        for port in ports {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{word} {} {} at {}", port.name, shape(&port.shape), port.offset);
        }
    }
    for (at, node) in plan.nodes.iter().enumerate() {
        let dims = node.shape.iter().map(u32::to_string).collect::<Vec<_>>().join("x");
        let steps: Vec<String> = node.steps.iter().map(step).collect();
        let (kind, macs) = (detail(node), node.op.macs() as f64 / 1e6);
        let _ = writeln!(
            text,
            "{at:3} {kind:28} {dims:16} {macs:8.3} MMAC at {:8} {:32} {}",
            node.output,
            steps.join(" "),
            node.name
        );
    }
    let stored = plan.weight_bytes();
    let (macs, arena) = (plan.macs() as f64 / 1e6, 4 * plan.arena as usize);
    let _ = writeln!(
        text,
        "{} operations, {macs:.1} MMAC, {} constants in {stored} bytes, arena {arena} bytes",
        plan.nodes.len(),
        plan.constants.len()
    );
    text
}

fn detail(node: &Node) -> String {
    use super::Op;
    let kind = node.op.kind();
    match &node.op {
        Op::Conv(conv) => {
            let w = conv.window;
            let taps: Vec<String> = w.kernel.iter().skip_while(|&&k| k == 1).map(u32::to_string).collect();
            let taps = if taps.is_empty() { "1".to_owned() } else { taps.join("x") };
            format!("{kind} {taps} /{} {}->{}", w.stride[2], conv.channels_in, conv.channels_out)
        }
        Op::MatMul(p) => format!("{kind} {}x{}x{}x{}", p.batch, p.m, p.k, p.n),
        Op::Reduce(r) => format!("{kind} {:?} {}", r.reducer, r.length),
        Op::Softmax(s) => format!("{kind} {}", s.length),
        _ => kind.to_owned(),
    }
}

fn step(step: &Step) -> String {
    let operand = |operand: &Operand| match operand {
        Operand::Number(number) => number.to_string(),
        Operand::Same(_) => "same".to_owned(),
        Operand::Channel { .. } => "channel".to_owned(),
        Operand::Strided { .. } => "strided".to_owned(),
    };
    match step {
        Step::Unary(unary) => format!("{unary:?}"),
        Step::Binary { binary, operand: other, reversed } => {
            format!("{binary:?}{}({})", if *reversed { "Reversed" } else { "" }, operand(other))
        }
        Step::Select(a, b) => format!("Select({}, {})", operand(a), operand(b)),
    }
}
