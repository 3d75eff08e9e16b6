//! Plan files under attack: cut, flipped, and rewritten with a checksum of their own. Each is refused in a sentence or
//! becomes an executor; none panics, reads outside its memory, or keeps the device busy for minutes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use flate2::Crc;
use portraoke::gpu::Gpu;
use portraoke::nn::gpu::Executor;
use portraoke::nn::lower::{Weights, compile};
use portraoke::nn::plan::{Constant, Encoding, Plan};
use safetensors::SafeTensors;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Plans of small cases, one for each kind of operation.
fn small_plans() -> Vec<(String, Plan)> {
    let mut plans: BTreeMap<String, (String, Plan)> = BTreeMap::new();
    for family in [
        "conv",
        "conv3d",
        "conv_transpose",
        "matmul",
        "pool",
        "resize",
        "grid_sample",
        "softmax",
        "reduce",
        "norm",
        "concat",
        "pad",
        "transpose",
        "binary",
        "where",
    ] {
        let bytes = file(&format!("tests/nn/cases/{family}.safetensors"));
        let cases = SafeTensors::deserialize(&bytes).unwrap();
        let mut names: Vec<&str> = cases.names().into_iter().filter_map(|n| n.strip_suffix("/onnx")).collect();
        names.sort_unstable();
        for name in names {
            let onnx = cases.tensor(&format!("{name}/onnx")).unwrap().data().to_vec();
            let Ok(plan) = compile(name, &onnx, Weights::Compact) else { continue };
            let mut kinds: Vec<&str> = plan.nodes.iter().map(|node| node.op.kind()).collect();
            kinds.dedup();
            let steps = plan.nodes.iter().any(|node| !node.steps.is_empty());
            let key = format!("{family} {kinds:?} {steps}");
            plans.entry(key).or_insert_with(|| (format!("{family}/{name}"), plan));
        }
    }
    plans.into_values().collect()
}

/// A file with this description and the numbers of `bytes`, and the checksum that belongs to them.
fn rewritten(bytes: &[u8], description: &[u8]) -> Vec<u8> {
    let length = u32::from_le_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]) as usize;
    let mut body = (description.len() as u32).to_le_bytes().to_vec();
    body.extend(description);
    body.extend(&bytes[20 + length..]);
    with_checksum(bytes, &body)
}

fn with_checksum(bytes: &[u8], body: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(body);
    let mut out = bytes[..12].to_vec();
    out.extend(crc.sum().to_le_bytes());
    out.extend(body);
    out
}

fn description(bytes: &[u8]) -> Value {
    let length = u32::from_le_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]) as usize;
    serde_json::from_slice(&bytes[20..20 + length]).unwrap()
}

/// Refused in a sentence, or a plan.
fn answered(bytes: &[u8]) -> Option<Plan> {
    match Plan::from_bytes("mutant", bytes) {
        Ok(plan) => Some(plan),
        Err(error) => {
            let sentence = error.to_string();
            let fine = sentence.contains("mutant") && sentence.ends_with('.') && !sentence.contains(char::is_control);
            assert!(fine && sentence.chars().count() < 300, "{sentence}");
            None
        }
    }
}

#[test]
fn models_go_through_the_file_unchanged() {
    let mut encodings: BTreeMap<String, usize> = BTreeMap::new();
    for name in ["face_detector", "face_landmarks", "person_matte"] {
        let onnx = file(&format!("models/{name}.onnx"));
        let exact = compile(name, &onnx, Weights::Exact).unwrap();
        let compact = compile(name, &onnx, Weights::Compact).unwrap();
        for plan in [&exact, &compact] {
            let bytes = plan.to_bytes();
            let read = Plan::from_bytes(name, &bytes).unwrap();
            assert!(read == *plan, "{name} is another plan after reading");
            assert_eq!(read.to_bytes(), bytes, "{name}");
            for constant in &plan.constants {
                *encodings.entry(format!("{:?}", constant.encoding)).or_default() += 1;
            }
        }
        // What was int8 in the ONNX file is recovered to the last bit but rounding.
        let (mut most, mut rough) = (0.0_f32, 0.0_f32);
        for (a, b) in exact.constants.iter().zip(&compact.constants) {
            let scale = a.values.iter().fold(1e-30_f32, |most, v| most.max(v.abs()));
            let off = a.values.iter().zip(&b.values).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs())) / scale;
            match b.encoding {
                Encoding::F16 => rough = rough.max(off),
                _ => most = most.max(off),
            }
        }
        println!(
            "{name}: {} kB exact, {} kB compact; int8 off by {most:.1e}, half precision by {rough:.1e}",
            exact.to_bytes().len() / 1000,
            compact.to_bytes().len() / 1000
        );
        assert!(most < 1e-6, "{name}: {most}");
        assert!(rough < 1e-3, "{name}: {rough}");
    }
    println!("{encodings:?}");
}

#[test]
fn every_encoding_keeps_its_numbers() {
    let whole = |i: usize| ((i * 37 + 11) % 255) as f32 - 127.0;
    let rows: Vec<f32> = (0..40 * 30).map(|i| whole(i) * 0.01 * (1 + i / 30) as f32).collect();
    let columns: Vec<f32> = (0..40 * 30).map(|i| whole(i) * 0.01 * (1 + i % 30) as f32).collect();
    let rough: Vec<f32> = (0..1200).map(|i| (i as f32 * 0.713).sin()).collect();
    let large: Vec<f32> = (0..1200).map(|i| 1e6 + i as f32).collect();
    for (values, encoding) in
        [(rows, Encoding::Int8Rows), (columns, Encoding::Int8Columns), (rough, Encoding::F16), (large, Encoding::F32)]
    {
        let constant = Constant::new(vec![40, 30], values.clone());
        assert_eq!(constant.encoding, encoding);
        let once = constant.rounded();
        let scale = values.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
        let off = values.iter().zip(&once.values).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs())) / scale;
        assert!(off < if encoding == Encoding::F16 { 5e-4 } else { 1e-6 }, "{encoding:?}: {off}");
        assert_eq!(once.clone().rounded(), once, "{encoding:?} twice is as once");
    }
}

#[test]
fn cut_and_flipped_files_are_refused() {
    let (_, plan) = small_plans().into_iter().find(|(name, _)| name.starts_with("softmax")).unwrap();
    let bytes = plan.to_bytes();
    for cut in 0..bytes.len() {
        assert!(answered(&bytes[..cut]).is_none(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            assert!(answered(&bytes).is_none(), "flipped at {at}");
        }
    }
    let mut other = bytes.clone();
    other[8] = 2;
    let error = Plan::from_bytes("mutant", &other).unwrap_err().to_string();
    assert!(error.contains("version"), "{error}");
    println!("{} bytes, each cut and flipped thrice", bytes.len());
}

/// Numbers that something may divide by, allocate by, index with or count to.
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "64",
    "65535",
    "65536",
    "16777217",
    "33554432",
    "2147483647",
    "4294967295",
    "-1",
    "1e39",
    "0.5",
];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

/// Pointers to everything in a description.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(values) => values.iter().enumerate().for_each(|(i, v)| pointers(v, &format!("{at}/{i}"), out)),
        Value::Object(map) => map.iter().for_each(|(key, v)| pointers(v, &format!("{at}/{key}"), out)),
        _ => {}
    }
}

/// Changes one thing, most often a number.
fn mutate(value: &mut Value, random: &mut Random) {
    let mut all = Vec::new();
    pointers(value, "", &mut all);
    let numbers: Vec<String> =
        all.iter().filter(|at| value.pointer(at).is_some_and(Value::is_number)).cloned().collect();
    let one_number = random.below(8) > 0 && !numbers.is_empty();
    let pool = if one_number { &numbers } else { &all };
    let donor = value.pointer(&all[random.below(all.len())]).cloned().unwrap_or(Value::Null);
    let Some(target) = value.pointer_mut(&pool[random.below(pool.len())]) else { return };
    *target = match (one_number, random.below(4)) {
        (true, 0) => match target.as_i64() {
            Some(number) => Value::from(number + random.below(5) as i64 - 2),
            None => Value::from(1),
        },
        (true, 1) => match target.as_i64() {
            Some(number) => Value::from(number * (2 + random.below(5) as i64)),
            None => Value::from(0),
        },
        (true, _) => serde_json::from_str(NUMBERS[random.below(NUMBERS.len())]).unwrap(),
        (false, 0) => Value::Null,
        (false, 1) => Value::Array(Vec::new()),
        (false, 2) => Value::from("x\n".repeat(300)),
        (false, _) => donor,
    };
}

#[test]
fn rewritten_descriptions_never_panic() {
    let gpu = Gpu::headless().unwrap();
    // An error that wgpu finds is one that the check let through.
    static WRONG: AtomicUsize = AtomicUsize::new(0);
    gpu.device.on_uncaptured_error(std::sync::Arc::new(|error| {
        WRONG.fetch_add(1, Ordering::SeqCst);
        eprintln!("wgpu: {error}");
    }));
    let plans: Vec<(String, Vec<u8>, Value)> = small_plans()
        .into_iter()
        .map(|(name, plan)| {
            let bytes = plan.to_bytes();
            let value = description(&bytes);
            (name, bytes, value)
        })
        .collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (start, mut survivors, mut built, mut run) = (Instant::now(), 0, 0, 0);
    const MUTANTS: usize = 4000;
    for i in 0..MUTANTS {
        let (name, bytes, value) = &plans[i % plans.len()];
        let mut value = value.clone();
        for _ in 0..=random.below(2) {
            mutate(&mut value, &mut random);
        }
        let text = serde_json::to_vec(&value).unwrap();
        let Some(plan) = answered(&rewritten(bytes, &text)) else { continue };
        survivors += 1;
        // Unchanged in effect, and so already built, or new.
        let inputs: Vec<Vec<f32>> = plan.inputs.iter().map(|port| vec![0.5; port.elements()]).collect();
        let macs = plan.macs();
        let small = plan.arena < 1 << 20;
        let Ok(executor) = pollster::block_on(Executor::new(&gpu, plan)) else { continue };
        built += 1;
        if small && macs < 1 << 26 && survivors % 4 == 0 {
            let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
            if let Ok(running) = executor.start(&inputs) {
                // Values that are not numbers are an error, as they should be.
                drop(pollster::block_on(running.outputs()));
                run += 1;
            }
        }
        assert_eq!(WRONG.load(Ordering::SeqCst), 0, "{name}: {}", String::from_utf8_lossy(&text));
    }
    println!(
        "{} plans, {MUTANTS} mutants, {survivors} readable, {built} built, {run} run, {:?}",
        plans.len(),
        start.elapsed()
    );
    assert!(survivors > 100 && survivors < MUTANTS);
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    for (name, plan) in small_plans().into_iter().filter(|(_, plan)| !plan.constants.is_empty()).take(4) {
        let bytes = plan.to_bytes();
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut plan = plan.clone();
            plan.constants[0].encoding = Encoding::F32;
            plan.constants[0].values[0] = value;
            assert!(answered(&plan.to_bytes()).is_none(), "{name} with {value}");
        }
        // Fewer weights than described, and none.
        assert!(answered(&with_checksum(&bytes, &bytes[16..bytes.len() - 1])).is_none(), "{name}");
        let mut value = description(&bytes);
        value["constants"] = Value::Array(Vec::new());
        assert!(answered(&rewritten(&bytes, &serde_json::to_vec(&value).unwrap())).is_none(), "{name}");
    }
}

#[test]
fn a_device_that_is_too_small_says_so() {
    let gpu = Gpu::headless().unwrap();
    let (_, mut plan) = small_plans().remove(0);
    plan.arena = (gpu.device.limits().max_storage_buffer_binding_size / 4 + 4) as u32;
    let error = pollster::block_on(Executor::new(&gpu, plan)).unwrap_err().to_string();
    println!("{error}");
    assert!(error.contains("MB") && error.ends_with('.'), "{error}");
}
