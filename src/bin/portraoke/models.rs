//! The model files on disk, and what runs the networks among them.

use crate::failure::Failure;
use crate::frames::FORMAT;
use portraoke::animate::Refiner;
use portraoke::gpu::Gpu;
use portraoke::nn::Network;
use portraoke::nn::lower::{self, Weights};
use portraoke::portrait::{Analyser, ModelBytes};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The networks, by the names of their files.
pub(crate) const NETWORKS: [&str; 3] = ["face_detector", "face_landmarks", "person_matte"];

/// What runs the networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Backend {
    /// The graphics card, from compiled plans.
    Gpu,
    /// The processor, from ONNX files.
    Cpu,
}

/// A folder of models, and the graphics card that is to run them, if any.
pub(crate) struct Models {
    folder: PathBuf,
    gpu: Option<Gpu>,
}

impl Models {
    /// The folder asked for, or the first that exists of `models/` here, beside the program, and in the source tree.
    pub(crate) fn open(folder: Option<&Path>, backend: Option<Backend>) -> Result<Self, Failure> {
        let folder = find(folder)?;
        let has_plans = || NETWORKS.iter().all(|name| folder.join(format!("{name}.plan")).is_file());
        let gpu = match backend {
            Some(Backend::Gpu) => Some(Gpu::headless()?),
            Some(Backend::Cpu) => None,
            None if has_plans() => Gpu::headless().ok().filter(|gpu| !gpu.is_software()),
            None => None,
        };
        Ok(Self { folder, gpu })
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The graphics card to draw with: the networks' own, where they have one.
    pub(crate) fn screen_gpu(&self) -> Result<Gpu, Failure> {
        Ok(self.gpu.clone().map_or_else(Gpu::headless, Ok)?)
    }

    /// One of [`NETWORKS`], as the bytes that the backend runs.
    pub(crate) fn network_bytes(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let plan = format!("{name}.plan");
        if self.gpu.is_some() && self.folder.join(&plan).is_file() {
            return self.read(&plan);
        }
        let onnx = self.read(&format!("{name}.onnx"))?;
        if self.gpu.is_some() { compile(name, &onnx) } else { Ok(onnx) }
    }

    /// One of [`NETWORKS`], ready to run.
    pub(crate) async fn network(&self, name: &str, bytes: &[u8]) -> Result<Network, Failure> {
        Network::load(name, bytes, self.gpu.as_ref()).await.map_err(|error| Failure::Ours(error.to_string()))
    }

    /// The photo analyser.
    pub(crate) async fn analyser(&self) -> Result<Analyser, Failure> {
        let [detector, landmarks, matte] = NETWORKS.map(|name| self.network_bytes(name));
        let (detector, landmarks, matte, head) = (detector?, landmarks?, matte?, self.read("head.safetensors")?);
        let bytes = ModelBytes { detector: &detector, landmarks: &landmarks, matte: Some(&matte), head: &head };
        Ok(Analyser::new(bytes, self.gpu.as_ref()).await?)
    }

    /// The refiner for stages that draw on `gpu`; `None` where the folder holds none.
    pub(crate) async fn refiner(&self, gpu: &Gpu) -> Result<Option<Arc<Refiner>>, Failure> {
        let present = |kind: &str| self.folder.join(format!("refiner.{kind}")).is_file();
        let plan = match (present("plan"), present("onnx")) {
            (true, _) => self.read("refiner.plan")?,
            (false, true) => compile("refiner", &self.read("refiner.onnx")?)?,
            (false, false) => return Ok(None),
        };
        let refiner = Refiner::new(gpu, FORMAT, &plan).await.map_err(|error| Failure::Ours(error.to_string()))?;
        Ok(Some(Arc::new(refiner)))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.folder.join(name);
        std::fs::read(&path).map_err(|error| {
            Failure::Ours(format!("{} cannot be read ({error}): name the models' folder.", path.display()))
        })
    }
}

/// An ONNX file as a plan, made in memory.
fn compile(name: &str, onnx: &[u8]) -> Result<Vec<u8>, Failure> {
    let plan = lower::compile(name, onnx, Weights::Compact).map_err(|error| Failure::Ours(error.to_string()))?;
    Ok(plan.to_bytes())
}

fn find(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = asked {
        return Ok(folder.to_owned());
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("models")));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    [Some(PathBuf::from("models")), beside, Some(source)]
        .into_iter()
        .flatten()
        .find(|folder| folder.join("head.safetensors").is_file())
        .ok_or_else(|| Failure::Ours("The models were not found: name their folder with --models DIR.".to_owned()))
}
