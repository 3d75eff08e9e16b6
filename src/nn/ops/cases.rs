//! The cases of `tests/nn/cases` through compiler, plan file and GPU, against what onnxruntime computes. Each family's
//! folder names the tables that are its own; `cargo test nn::ops -- --nocapture` prints the errors.

use crate::gpu::Gpu;
use crate::nn::gpu::{Executor, Precision};
use crate::nn::lower::{Weights, compile};
use crate::nn::plan::Plan;
use safetensors::SafeTensors;
use std::collections::BTreeSet;
use std::path::Path;

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
const DIFFERENT: &str = "reshape/cast_there_and_back";

/// Largest error, as a part of an output's largest number.
fn tolerance(precision: Precision) -> f32 {
    match precision {
        Precision::Single => 1e-4,
        Precision::Half => 1e-2,
    }
}

/// Runs all cases of some tables, in half precision too where the device has it.
pub(super) fn check(tables: &[&str]) {
    check_named(tables, "");
}

/// As [`check`], only the cases in whose names `part` occurs.
pub(super) fn check_named(tables: &[&str], part: &str) {
    let gpu = Gpu::headless().expect("lavapipe, or a graphics card");
    let precisions = if gpu.has_f16() { &[Precision::Single, Precision::Half][..] } else { &[Precision::Single] };
    for table in tables {
        let path = format!("{}/tests/nn/cases/{table}.safetensors", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(Path::new(&path)).expect("the table of cases");
        let cases = SafeTensors::deserialize(&bytes).expect("an intact table");
        let names: BTreeSet<&str> = cases.names().into_iter().filter_map(|name| name.strip_suffix("/onnx")).collect();
        let names: Vec<&str> = names.into_iter().filter(|name| name.contains(part)).collect();
        assert!(!names.is_empty(), "{table} has no case of that name");
        for &precision in precisions {
            let (mut worst, mut sum) = (0.0_f32, 0.0_f32);
            for case in &names {
                let full = format!("{table}/{case}");
                match differences(&gpu, &cases, case, precision) {
                    Ok((most, mean)) => {
                        assert!(!REFUSED.contains(&full.as_str()), "{full} runs now: take it off the list");
                        if full != DIFFERENT {
                            assert!(
                                most <= tolerance(precision),
                                "{full}: off by {most:.1e} in {precision:?} precision"
                            );
                            (worst, sum) = (worst.max(most), sum + mean);
                        }
                    }
                    Err(error) => assert!(REFUSED.contains(&full.as_str()), "{full}: {error}"),
                }
            }
            let (count, mean) = (names.len(), sum / names.len() as f32);
            println!(
                "{table:16} {count:4} cases in {precision:?} precision: at most {worst:.1e}, on average {mean:.1e}"
            );
        }
    }
}

/// The largest and the mean difference of a case's outputs, as parts of the largest number wanted.
fn differences(gpu: &Gpu, cases: &SafeTensors<'_>, case: &str, precision: Precision) -> Result<(f32, f32), String> {
    let values = |kind: &str| -> Vec<Vec<f32>> {
        let floats = |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
        (0..).map_while(|i| cases.tensor(&format!("{case}/{kind}/{i}")).ok()).map(|t| floats(t.data())).collect()
    };
    let onnx = cases.tensor(&format!("{case}/onnx")).map_err(|error| error.to_string())?;
    let plan = compile(case, onnx.data(), Weights::Exact).map_err(|error| error.to_string())?;
    // Through the file, as in the page.
    let plan = Plan::from_bytes(case, &plan.to_bytes()).expect("what was just written");
    let (inputs, wanted) = (values("in"), values("out"));
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let outputs = pollster::block_on(async {
        let executor = Executor::with_precision(gpu, plan, precision).await?;
        executor.start(&inputs)?.outputs().await
    });
    let outputs = outputs.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outputs.len(), wanted.len(), "{case}");
    let (mut worst, mut mean) = (0.0_f32, 0.0_f32);
    for (got, wanted) in outputs.iter().zip(&wanted) {
        assert_eq!(got.values.len(), wanted.len(), "{case}");
        let scale = wanted.iter().fold(1e-6_f32, |most, v| most.max(v.abs()));
        let off = || got.values.iter().zip(wanted).map(|(a, b)| (a - b).abs() / scale);
        worst = off().fold(worst, f32::max);
        mean = mean.max(off().sum::<f32>() / wanted.len().max(1) as f32);
    }
    Ok((worst, mean))
}
