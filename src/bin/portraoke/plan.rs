//! `portraoke plan build FILE.onnx` and `portraoke plan show FILE`: the compiler of networks.

use crate::failure::{Failure, read, write};
use clap::Subcommand;
use portraoke::gpu::Gpu;
use portraoke::nn::gpu::{Executor, Precision, shaders};
use portraoke::nn::lower::{CompileError, Weights, compile};
use portraoke::nn::plan::{MAGIC, Plan, show};
use portraoke::nn::{Input, Network, NetworkError};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Subcommand)]
pub(crate) enum PlanCommand {
    /// Compile ONNX files to plans, which the GPU runs
    Build {
        /// Networks with fixed shapes
        #[arg(required = true, value_name = "FILE.onnx")]
        files: Vec<PathBuf>,
        /// Folder of the plans [default: each beside its network]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Keep weights as they are instead of in half precision or int8
        #[arg(long)]
        exact: bool,
    },
    /// Run ONNX files here on the GPU and, through tract, on the processor: times, their ratio, and how far they differ
    Bench {
        /// Networks of one input
        #[arg(required = true, value_name = "FILE.onnx")]
        files: Vec<PathBuf>,
        /// Runs of each; the median counts
        #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1000))]
        repeat: u32,
        /// Print each operation's time on the GPU too
        #[arg(long)]
        ops: bool,
        /// Half precision, where the device has it
        #[arg(long)]
        half: bool,
    },
    /// Print the WGSL of ONNX files, each text once, as a JSON array; files that cannot be compiled are left out
    Shaders {
        /// Networks
        #[arg(required = true, value_name = "FILE.onnx")]
        files: Vec<PathBuf>,
    },
    /// Print a plan, or what an ONNX file would become: operations, shapes, multiply-adds, memory
    Show {
        /// A plan or a network
        file: PathBuf,
    },
}

pub(crate) async fn run(command: &PlanCommand) -> Result<(), Failure> {
    match command {
        PlanCommand::Build { files, out, exact } => {
            let weights = if *exact { Weights::Exact } else { Weights::Compact };
            files.iter().try_for_each(|file| build(file, out.as_deref(), weights))
        }
        PlanCommand::Bench { files, repeat, ops, half } => {
            let precision = if *half { Precision::Half } else { Precision::Single };
            let gpu = Gpu::headless()?;
            eprintln!("on {}", gpu.adapter.name);
            for file in files {
                bench(&gpu, file, precision, *repeat, *ops).await?;
            }
            Ok(())
        }
        PlanCommand::Shaders { files } => {
            let plans = files.iter().filter_map(|file| load(file, Weights::Exact).ok());
            let both = |plan: Plan| [Precision::Single, Precision::Half].map(|precision| shaders(&plan, precision));
            let texts: BTreeSet<String> = plans.flat_map(both).flatten().collect();
            println!("{}", json!(texts));
            Ok(())
        }
        PlanCommand::Show { file } => {
            print!("{}", show(&load(file, Weights::Compact)?));
            Ok(())
        }
    }
}

fn build(file: &Path, out: Option<&Path>, weights: Weights) -> Result<(), Failure> {
    let plan = load(file, weights)?;
    let beside = file.with_extension("plan");
    let to = match (out, beside.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => beside,
    };
    let bytes = plan.to_bytes();
    eprintln!(
        "{}: {} operations, {:.1} MMAC, {} bytes",
        to.display(),
        plan.nodes.len(),
        plan.macs() as f64 / 1e6,
        bytes.len()
    );
    write(&to, &bytes)
}

async fn bench(gpu: &Gpu, file: &Path, precision: Precision, repeat: u32, ops: bool) -> Result<(), Failure> {
    let ours = |error: NetworkError| Failure::Ours(error.to_string());
    let bytes = read(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let plan = load(file, Weights::Exact)?;
    let (macs, weights) = (plan.macs(), plan.weight_bytes());
    let start = Instant::now();
    let executor = Executor::with_precision(gpu, plan, precision).await.map_err(ours)?;
    let network = Network::load(&name, &bytes, None).await.map_err(ours)?;
    let length: usize = network.input().shape.iter().product();
    let input: Vec<f32> = (0..length).map(|i| (0.37 * i as f32 + 0.11 * (i % 97) as f32).sin() * 0.8).collect();
    let run = async || executor.start(&[&input])?.outputs().await;
    let first = run().await.map_err(ours)?;
    let cold = start.elapsed().as_secs_f64() * 1e3;
    let expected = network.run(&[Input::Values(&input)]).await.map_err(ours)?.swap_remove(0);
    let mut worst = 0.0_f32;
    for (a, b) in first.iter().zip(&expected) {
        let scale = b.values.iter().fold(1e-6_f32, |most, v| most.max(v.abs()));
        let off = a.values.iter().zip(&b.values).map(|(x, y)| (x - y).abs());
        let (most, sum) = off.fold((0.0_f32, 0.0_f32), |(most, sum), off| (most.max(off), sum + off));
        eprintln!("{}: off by at most {most:.1e}, on average {:.1e}", a.name, sum / a.values.len().max(1) as f32);
        worst = a.values.iter().zip(&b.values).fold(worst, |worst, (x, y)| worst.max((x - y).abs() / scale));
    }
    // In turns, so that whatever else this machine does hits both.
    let (mut gpu_times, mut cpu_times) = (Vec::new(), Vec::new());
    for _ in 0..repeat {
        let start = Instant::now();
        run().await.map_err(ours)?;
        gpu_times.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        network.run(&[Input::Values(&input)]).await.map_err(ours)?;
        cpu_times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (gpu_ms, tract_ms) = (median(&mut gpu_times), median(&mut cpu_times));
    let round = |value: f64| (value * 1e3).round() / 1e3;
    println!(
        "{}",
        json!({"net": name, "adapter": gpu.adapter.name, "macs": macs, "gpu_ms": round(gpu_ms), "tract_ms": round(tract_ms),
            "ratio_tract": round(gpu_ms / tract_ms), "gflops": round(2.0 * macs as f64 / gpu_ms / 1e6), "cold_ms": round(cold),
            "dispatches": executor.dispatches(), "pipelines": executor.pipelines(), "weights_bytes": weights, "max_relative_difference": worst})
    );
    if ops {
        let profile = executor.profile().await.map_err(ours)?;
        for op in profile.ops {
            println!("{}", json!({"ms": round(op.ms), "op": op.op, "name": op.name, "shape": op.shape}));
        }
    }
    Ok(())
}

fn load(file: &Path, weights: Weights) -> Result<Plan, Failure> {
    let bytes = read(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    if bytes.starts_with(MAGIC) {
        return Plan::from_bytes(&name, &bytes).map_err(|error| Failure::Input(error.to_string()));
    }
    compile(&name, &bytes, weights).map_err(|error: CompileError| Failure::Input(error.to_string()))
}
