//! ONNX bytes in, a [`Plan`] out.
//!
//! tract reads and declutters the graph; [`graph`] translates its operations one by one into nodes that read strided
//! views of each other ([`view`]), so that reshapes, slices, transposes and broadcasts cost nothing; [`fuse`] folds
//! scales into weights and element-wise work into what makes its input; [`memory`] gives every tensor its place.
//! (tract's optimised graph is no use here: it is packed for the processor that runs it.)

mod attributes;
mod builder;
mod einsum;
mod fuse;
mod graph;
mod memory;
mod patterns;
mod pointwise;
mod rows;
mod sample;
mod shape;
mod view;
mod window;

use super::onnx_guard::{self, Objection, shortened};
use super::plan::{MAX_ELEMENTS, Plan};
use builder::Builder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tract_onnx::pb::ModelProto;

/// Why an ONNX file cannot be compiled; one sentence: what is wrong and what can be done.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// tract cannot read it.
    #[error("The network {network} cannot be read ({reason}): export it again as ONNX, opset 17, with fixed shapes.")]
    Unreadable {
        /// Which one.
        network: String,
        /// tract's words.
        reason: String,
    },
    /// It needs what no kernel here does.
    #[error(
        "The network {network} uses {what} at `{node}`, which the GPU does not run: run the ONNX file on the processor, or export it without."
    )]
    Unsupported {
        /// Which one.
        network: String,
        /// The operator, and what about it.
        what: String,
        /// Name of the node.
        node: String,
    },
}

/// How a plan keeps its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// As they are.
    Exact,
    /// As int8 rows where the ONNX file had them so, else as half precision.
    Compact,
}

/// An operator that cannot be translated: `what` and `node` of [`CompileError::Unsupported`].
#[derive(Debug)]
pub(super) struct Refusal {
    what: String,
    node: String,
}

/// Compiles an ONNX file of concrete shapes.
///
/// # Errors
/// [`CompileError`].
pub fn compile(name: &str, onnx: &[u8], weights: Weights) -> Result<Plan, CompileError> {
    let proto = onnx_guard::read(&tract_onnx::onnx(), onnx).map_err(|objection| refused(name, objection))?;
    compile_checked(name, &proto, weights)
}

/// As [`compile`], of a file that is decoded already.
///
/// # Errors
/// [`CompileError`].
pub fn compile_proto(name: &str, mut proto: ModelProto, weights: Weights) -> Result<Plan, CompileError> {
    onnx_guard::check(&tract_onnx::onnx(), &mut proto).map_err(|objection| refused(name, objection))?;
    compile_checked(name, &proto, weights)
}

fn compile_checked(name: &str, proto: &ModelProto, weights: Weights) -> Result<Plan, CompileError> {
    let unreadable = |reason: String| CompileError::Unreadable { network: name.to_owned(), reason };
    // tract asserts some things about a graph where it could report them.
    let translated = catch_unwind(AssertUnwindSafe(|| -> Result<Result<Builder, Refusal>, String> {
        let (model, ports) = graph::read(&tract_onnx::onnx(), proto)?;
        Ok(graph::translate(&model, &ports))
    }));
    let builder = translated.map_err(|_| unreadable("its graph is broken".to_owned()))?.map_err(unreadable)?.map_err(
        |Refusal { what, node }| {
            let (what, node) = (shortened(&what), shortened(&node));
            CompileError::Unsupported { network: name.to_owned(), what, node }
        },
    )?;
    let plan = memory::place(name, fuse::fused(builder), weights);
    if plan.arena as usize > MAX_ELEMENTS {
        return Err(unreadable(format!("it needs {} MB of memory", plan.arena / 250_000)));
    }
    plan.check().map_err(unreadable)?;
    Ok(plan)
}

fn refused(name: &str, objection: Objection) -> CompileError {
    let network = name.to_owned();
    match objection {
        Objection::Broken(reason) => CompileError::Unreadable { network, reason },
        Objection::Operator { operator, node } => {
            CompileError::Unsupported { network, what: format!("the operator {operator}"), node }
        }
    }
}
