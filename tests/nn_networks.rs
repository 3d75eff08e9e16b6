//! The page's own networks on the GPU: against onnxruntime, int8 against exact, crops against the processor's, and several
//! inferences under way.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use portraoke::gpu::Gpu;
use portraoke::nn::crop::Pyramid;
use portraoke::nn::lower::{Weights, compile, compile_proto};
use portraoke::nn::{Border, Input, Network, Output, Patch, Picture};
use safetensors::SafeTensors;
use std::path::Path;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorShapeProto, TypeProto};
use tract_onnx::pb::{ValueInfoProto, type_proto};

const NETWORKS: [&str; 3] = ["face_detector", "face_landmarks", "person_matte"];

fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn network(gpu: &Gpu, name: &str, weights: Weights) -> Network {
    let plan = compile(name, &file(&format!("models/{name}.onnx")), weights).unwrap();
    pollster::block_on(Network::load(name, &plan.to_bytes(), Some(gpu))).unwrap()
}

/// The input that `tests/nn/cases/README.md` describes.
fn wave(elements: usize) -> Vec<f32> {
    (0..elements).map(|i| (0.8 * (0.37 * i as f64 + 0.11 * (i % 97) as f64).sin()) as f32).collect()
}

/// Largest and mean difference, as parts of the largest number wanted.
fn difference(got: &[f32], wanted: &[f32]) -> (f32, f32) {
    assert_eq!(got.len(), wanted.len());
    let scale = wanted.iter().fold(1e-6_f32, |most, v| most.max(v.abs()));
    let off: Vec<f32> = got.iter().zip(wanted).map(|(a, b)| (a - b).abs() / scale).collect();
    (off.iter().copied().fold(0.0, f32::max), off.iter().sum::<f32>() / off.len() as f32)
}

fn run(network: &Network, input: &[f32]) -> Vec<Output> {
    pollster::block_on(network.run(&[Input::Values(input)])).unwrap().remove(0)
}

#[test]
fn networks_agree_with_onnxruntime() {
    let gpu = Gpu::headless().unwrap();
    let bytes = file("tests/nn/cases/networks.safetensors");
    let cases = SafeTensors::deserialize(&bytes).unwrap();
    for name in NETWORKS {
        let exact = network(&gpu, name, Weights::Exact);
        let compact = network(&gpu, name, Weights::Compact);
        let input = wave(exact.input().shape.iter().product());
        let (exact, compact) = (run(&exact, &input), run(&compact, &input));
        // Of the matte every seventh value is kept.
        let step = if name == "person_matte" { 7 } else { 1 };
        for (i, (exact, compact)) in exact.iter().zip(&compact).enumerate() {
            let stored = cases.tensor(&format!("{name}/out/{i}")).unwrap();
            let wanted: Vec<f32> = stored.data().as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
            let got: Vec<f32> = exact.values.iter().copied().step_by(step).collect();
            let (most, mean) = difference(&got, &wanted);
            let (rounded, rounded_mean) = difference(&compact.values, &exact.values);
            println!(
                "{name} `{}`: max {most:.1e}, mean {mean:.1e}; int8 max {rounded:.1e}, mean {rounded_mean:.1e}",
                exact.name
            );
            assert!(most <= 1e-4, "{name} `{}` is off by {most}", exact.name);
            assert!(rounded <= 1e-3, "{name} `{}` with int8 weights is off by {rounded}", exact.name);
        }
        assert!(cases.tensor(&format!("{name}/out/{}", exact.len())).is_err(), "{name} has more outputs");
    }
}

#[test]
fn inferences_under_way_do_not_mix() {
    let gpu = Gpu::headless().unwrap();
    let network = network(&gpu, "face_landmarks", Weights::Compact);
    let elements: usize = network.input().shape.iter().product();
    let inputs: Vec<Vec<f32>> = (0..8)
        .map(|k| wave(elements + 1000 * k).into_iter().skip(1000 * k).map(|v| v * (1.0 - 0.1 * k as f32)).collect())
        .collect();
    let together: Vec<Input<'_>> = inputs.iter().map(|values| Input::Values(values)).collect();
    let together = pollster::block_on(network.run(&together)).unwrap();
    for (k, (input, together)) in inputs.iter().zip(&together).enumerate() {
        assert!(run(&network, input) == *together, "inference {k} of 8 differs from the same alone");
    }
    let distinct = (1..8).all(|k| together[k] != together[0]);
    assert!(distinct, "different inputs gave the same");
    // As many again, dropped half way: the next run is not disturbed.
    drop(pollster::block_on(network.run(&[Input::Values(&inputs[0]), Input::Values(&inputs[1][1..])])).unwrap_err());
    assert!(run(&network, &inputs[2]) == together[2]);
}

/// out = -x, of a picture of this side.
fn negative(side: usize) -> ModelProto {
    let port = |name: &str| {
        let length = |d: usize| Dimension { value: Some(dimension::Value::DimValue(d as i64)), ..Default::default() };
        let shape = TensorShapeProto { dim: [1, 3, side, side].map(length).to_vec() };
        let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape: Some(shape) };
        let kind = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() };
        ValueInfoProto { name: name.to_owned(), r#type: Some(kind), ..Default::default() }
    };
    let node = NodeProto {
        op_type: "Neg".to_owned(),
        input: vec!["x".to_owned()],
        output: vec!["y".to_owned()],
        ..Default::default()
    };
    let graph = GraphProto { node: vec![node], input: vec![port("x")], output: vec![port("y")], ..Default::default() };
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
        graph: Some(graph),
        ..Default::default()
    }
}

#[test]
fn crops_on_the_gpu_are_those_of_the_processor() {
    let gpu = Gpu::headless().unwrap();
    let image = image::load_from_memory(&file("www/portraits/elena.jpg")).unwrap().to_rgba8();
    let (width, height) = (image.width() as f32, image.height() as f32);
    let (picture, pyramid) = (Picture::new(&image, Some(&gpu)), Pyramid::new(&image));
    let side = 128;
    let plan = compile_proto("negative", negative(side), Weights::Exact).unwrap();
    let network = pollster::block_on(Network::load("negative", &plan.to_bytes(), Some(&gpu))).unwrap();
    let center = [0.5 * width, 0.4 * height];
    let plain = Patch { center, side: 128.0, angle: 0.0, mirrored: false };
    let cases = [
        ("pixel by pixel", plain, [1e-4, 5e-3]),
        ("enlarged", Patch { side: 50.0, ..plain }, [3e-3, 3e-2]),
        ("rotated", Patch { side: 110.0, angle: 0.6, ..plain }, [3e-3, 3e-2]),
        ("mirrored and rotated", Patch { side: 120.0, angle: -2.1, mirrored: true, ..plain }, [3e-3, 3e-2]),
        ("a little smaller", Patch { side: 200.0, angle: 0.2, ..plain }, [3e-3, 3e-2]),
        ("half", Patch { side: 256.0, ..plain }, [2e-3, 2e-2]),
        ("much smaller", Patch { side: 0.9 * width, angle: 0.1, ..plain }, [5e-3, 3e-2]),
        ("all and more", Patch { side: 1.5 * height, angle: -0.3, mirrored: true, ..plain }, [1e-2, 0.2]),
        ("over a corner", Patch { center: [10.0, 20.0], side: 180.0, angle: 0.3, mirrored: false }, [2e-3, 5e-2]),
        ("over the far corner", Patch { center: [width, height], side: 128.0, ..plain }, [2e-3, 5e-2]),
        ("beside it", Patch { center: [-500.0, 20.0], side: 180.0, ..plain }, [3e-3, 3e-2]),
    ];
    let mut wrong = Vec::new();
    for (name, patch, [mean_bound, most_bound]) in cases {
        for border in [Border::Zero, Border::Edge] {
            let input = Input::Crop { picture: &picture, patch, border };
            let output = pollster::block_on(network.run(&[input])).unwrap().remove(0).remove(0);
            let wanted = pyramid.tensor(patch, side, border);
            let off: Vec<f32> = output.values.iter().zip(&wanted).map(|(a, b)| (-a - b).abs()).collect();
            let most = off.iter().copied().fold(0.0, f32::max);
            let mean = off.iter().sum::<f32>() / off.len() as f32;
            println!("{name:22} {border:?}: max {most:.4}, mean {mean:.5} of a range of 2");
            if mean > mean_bound || most > most_bound {
                wrong.push(format!("{name}, {border:?}: max {most}, mean {mean}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
