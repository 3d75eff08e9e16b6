//! Every case of `tests/nn/cases` through the compiler and the GPU, against what onnxruntime computes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use portraoke::gpu::Gpu;
use portraoke::nn::gpu::Executor;
use portraoke::nn::lower::{Weights, compile};
use portraoke::nn::plan::Plan;
use safetensors::SafeTensors;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Largest error, as a part of the output's largest number.
const TOLERANCE: f32 = 1e-4;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nn/cases")
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

/// Largest and mean difference, as parts of the largest number wanted.
fn difference(got: &[f32], wanted: &[f32]) -> (f32, f32) {
    if got.len() != wanted.len() {
        return (f32::INFINITY, f32::INFINITY);
    }
    let scale = wanted.iter().fold(1e-6_f32, |most, v| most.max(v.abs()));
    let off: Vec<f32> = got.iter().zip(wanted).map(|(a, b)| (a - b).abs() / scale).collect();
    (off.iter().copied().fold(0.0, f32::max), off.iter().sum::<f32>() / off.len().max(1) as f32)
}

/// Cases that the compiler refuses, all but three because tract does: they must stay refused in words, not become wrong.
const REFUSED: [&str; 9] = [
    "conv/weights_at_run_time", // ours: weights are laid out when the plan is made
    "conv_transpose/output_shape",
    "gather/elements", // ours: no kernel
    "gather/nd",       // ours: no kernel
    "matmul/vector_by_vector",
    "matmul/vector_by_vector_constant",
    "pad/constant_negative",
    "resize/upsample_linear",
    "resize/upsample_nearest",
];
/// tract takes casts to whole numbers and back for nothing to do.
const DIFFERENT: [&str; 1] = ["reshape/cast_there_and_back"];

enum Outcome {
    Right(f32, f32),
    Wrong(String),
    Refused(String),
}

fn run(gpu: &Gpu, cases: &SafeTensors<'_>, case: &str) -> Outcome {
    let onnx = cases.tensor(&format!("{case}/onnx")).unwrap().data().to_vec();
    let plan = match compile(case, &onnx, Weights::Exact) {
        Ok(plan) => plan,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    // Through the file, as in the page.
    let plan = Plan::from_bytes(case, &plan.to_bytes()).unwrap();
    let values = |kind: &str| -> Vec<Vec<f32>> {
        (0..).map_while(|i| cases.tensor(&format!("{case}/{kind}/{i}")).ok()).map(|t| floats(t.data())).collect()
    };
    let (inputs, wanted) = (values("in"), values("out"));
    let executor = Executor::new(gpu, plan).unwrap();
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let outputs = match executor.start(&inputs).map(|running| pollster::block_on(running.outputs())) {
        Ok(Ok(outputs)) => outputs,
        Ok(Err(error)) | Err(error) => return Outcome::Wrong(error.to_string()),
    };
    let (mut most, mut mean) = (0.0_f32, 0.0_f32);
    for (got, wanted) in outputs.iter().zip(&wanted) {
        let (worst, average) = difference(&got.values, wanted);
        (most, mean) = (most.max(worst), mean.max(average));
    }
    if outputs.len() == wanted.len() && most <= TOLERANCE {
        Outcome::Right(most, mean)
    } else {
        Outcome::Wrong(format!("off by {most:.2e}, on average {mean:.2e}"))
    }
}

#[test]
fn operators_agree_with_onnxruntime() {
    let gpu = Gpu::headless().unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "safetensors"));
    files.sort();
    let (mut wrong, mut refused) = (Vec::new(), Vec::new());
    println!("{:16} {:>5} {:>8} {:>9} {:>9}", "family", "cases", "refused", "max", "mean");
    for path in files {
        let family = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["networks", "refused"].contains(&family.as_str()) {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let cases = SafeTensors::deserialize(&bytes).unwrap();
        let names: BTreeSet<String> =
            cases.names().iter().filter_map(|n| n.strip_suffix("/onnx").map(str::to_owned)).collect();
        let (mut most, mut mean, mut lacking) = (0.0_f32, 0.0_f32, 0);
        for case in &names {
            match run(&gpu, &cases, case) {
                Outcome::Right(worst, average) => (most, mean) = (most.max(worst), mean.max(average)),
                Outcome::Wrong(_) if DIFFERENT.contains(&format!("{family}/{case}").as_str()) => {}
                Outcome::Wrong(why) => wrong.push(format!("{family}/{case}: {why}")),
                Outcome::Refused(why) => {
                    lacking += 1;
                    println!("refused: {why}");
                    refused.push(format!("{family}/{case}"));
                }
            }
        }
        println!("{family:16} {:>5} {lacking:>8} {most:>9.1e} {mean:>9.1e}", names.len());
    }
    assert_eq!(refused, REFUSED);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
