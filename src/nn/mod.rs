//! Small networks: a file's bytes in, a runnable [`Network`] out.
//!
//! A network is a compiled plan that runs on the graphics card ([`gpu`]) or an ONNX file that tract runs on the processor
//! (feature `onnx`); its users cannot tell which. `lower` compiles one to the other. [`crop`] cuts the network's input out of a picture where it runs.

#[cfg(feature = "onnx")]
mod cpu;
pub mod crop;
mod error;
pub mod gpu;
#[cfg(all(feature = "onnx", not(target_arch = "wasm32")))]
pub mod lower;
#[cfg(feature = "onnx")]
mod onnx_guard;
mod ops;
pub mod plan;
mod profile;

pub use crop::{Border, Patch, Picture};
pub use error::NetworkError;
pub use profile::{OpTime, Profile};

use crate::gpu::Gpu;
#[cfg(feature = "onnx")]
use cpu::CpuNetwork;
use gpu::GpuNetwork;

/// Name and concrete shape of one input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// As in the file.
    pub name: String,
    /// NCHW for pictures.
    pub shape: Vec<usize>,
}

/// One output array of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// As in the file.
    pub name: String,
    /// As [`Network::outputs`] states it.
    pub shape: Vec<usize>,
    /// Row-major, all finite.
    pub values: Vec<f32>,
}

/// What one run of a network is given.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A row-major array of the input's shape.
    Values(&'a [f32]),
    /// A patch of a picture, sampled to the size of the network's square RGB input, -1..1.
    Crop {
        /// Prepared for where the network runs, see [`Network::runs_on_gpu`].
        picture: &'a Picture<'a>,
        /// The part of it.
        patch: Patch,
        /// What lies around it.
        border: Border,
    },
}

/// A network ready to run: one f32 input, any number of f32 outputs, all of concrete shape.
#[derive(Debug)]
pub struct Network {
    name: String,
    runner: Runner,
}

#[derive(Debug)]
enum Runner {
    #[cfg(feature = "onnx")]
    Cpu(CpuNetwork),
    Gpu(Box<GpuNetwork>),
}

impl Network {
    /// Makes a network of a compiled plan, which runs on `gpu`, or of an ONNX file, which runs on the processor. `name`
    /// appears in error messages.
    ///
    /// # Errors
    /// [`NetworkError::Unreadable`] when the bytes are empty, too many, corrupt, or of a kind that cannot run here;
    /// [`NetworkError::Contract`] when there is not exactly one input or a shape is not concrete.
    pub async fn load(name: &str, bytes: &[u8], gpu: Option<&Gpu>) -> Result<Self, NetworkError> {
        let runner = match (bytes.starts_with(plan::MAGIC), gpu) {
            (true, Some(gpu)) => Runner::Gpu(Box::new(GpuNetwork::load(name, bytes, gpu).await?)),
            (true, None) => return Err(unreadable(name, "it is a plan for a graphics card, and none is open")),
            (false, _) => Self::on_processor(name, bytes)?,
        };
        let network = Self { name: name.to_owned(), runner };
        match network.inputs().len() {
            1 => Ok(network),
            count => Err(network.contract_error(format!("{count} inputs"))),
        }
    }

    #[cfg(feature = "onnx")]
    fn on_processor(name: &str, bytes: &[u8]) -> Result<Runner, NetworkError> {
        CpuNetwork::load(name, bytes).map(Runner::Cpu)
    }

    #[cfg(not(feature = "onnx"))]
    fn on_processor(name: &str, _: &[u8]) -> Result<Runner, NetworkError> {
        Err(unreadable(name, "this build reads compiled plans only"))
    }

    /// As given to [`Network::load`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the graphics card runs it: a [`Picture`] for it must then be there too.
    pub fn runs_on_gpu(&self) -> bool {
        matches!(self.runner, Runner::Gpu(_))
    }

    /// What runs it on the graphics card, if that does.
    pub fn executor(&self) -> Option<&gpu::Executor> {
        match &self.runner {
            #[cfg(feature = "onnx")]
            Runner::Cpu(_) => None,
            Runner::Gpu(network) => Some(network.executor()),
        }
    }

    /// The input's name and shape.
    pub fn input(&self) -> &Port {
        &self.inputs()[0]
    }

    fn inputs(&self) -> &[Port] {
        match &self.runner {
            #[cfg(feature = "onnx")]
            Runner::Cpu(network) => std::slice::from_ref(network.input()),
            Runner::Gpu(network) => network.inputs(),
        }
    }

    /// The outputs' names and shapes, in the file's order.
    pub fn outputs(&self) -> &[Port] {
        match &self.runner {
            #[cfg(feature = "onnx")]
            Runner::Cpu(network) => network.outputs(),
            Runner::Gpu(network) => network.outputs(),
        }
    }

    /// The side of the square RGB picture that the network takes.
    ///
    /// # Errors
    /// [`NetworkError::Contract`] when it takes something else.
    pub fn picture_side(&self) -> Result<usize, NetworkError> {
        match self.input().shape[..] {
            [1, 3, height, width] if height == width => Ok(width),
            ref shape => Err(self.contract_error(format!("its input is {shape:?}"))),
        }
    }

    /// The error to return when this network is not what its user expects.
    pub fn contract_error(&self, reason: impl Into<String>) -> NetworkError {
        NetworkError::Contract { network: self.name.clone(), reason: reason.into() }
    }

    /// Runs the network on each of `inputs`; one result for each, in their order. On the graphics card all runs are
    /// under way before the first is waited for.
    ///
    /// # Errors
    /// [`NetworkError::Contract`] when an input has another length or its picture is elsewhere,
    /// [`NetworkError::Failed`] when a run fails or an output is not finite.
    pub async fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Vec<Output>>, NetworkError> {
        match &self.runner {
            #[cfg(feature = "onnx")]
            Runner::Cpu(network) => network.run(inputs),
            Runner::Gpu(network) => network.run(inputs).await,
        }
    }

    /// What each operation of a run costs on the graphics card; `None` on the processor, where nothing is measured.
    ///
    /// # Errors
    /// [`NetworkError::Failed`] when the run fails or the card measures no times.
    pub async fn profile(&self) -> Result<Option<Profile>, NetworkError> {
        match &self.runner {
            #[cfg(feature = "onnx")]
            Runner::Cpu(_) => Ok(None),
            Runner::Gpu(network) => network.profile().await.map(Some),
        }
    }
}

fn unreadable(name: &str, reason: &str) -> NetworkError {
    NetworkError::Unreadable { network: name.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_needs_a_graphics_card() {
        let error =
            pollster::block_on(Network::load("tiny", b"PORTPLAN and more", None)).expect_err("no graphics card");
        assert!(error.to_string().contains("graphics card"), "{error}");
    }

    #[cfg(feature = "onnx")]
    #[test]
    fn crops_and_arrays_give_one_result_each() {
        use image::{Rgba, RgbaImage};
        let onnx = include_bytes!("../../tests/data/tiny.onnx");
        let network = pollster::block_on(Network::load("tiny", onnx, None)).expect("an intact file");
        assert!(!network.runs_on_gpu());
        let white = RgbaImage::from_pixel(8, 8, Rgba([255; 4]));
        let picture = Picture::new(&white, None);
        let patch = Patch { center: [4.0, 4.0], side: 4.0, angle: 0.0, mirrored: false };
        let crop = Input::Crop { picture: &picture, patch, border: Border::Zero };
        let results = pollster::block_on(network.run(&[crop, Input::Values(&[0.5; 48])])).expect("a run");
        // `out` = 2 x + 1.
        assert_eq!(results.iter().map(|outputs| outputs[0].values[7]).collect::<Vec<_>>(), [3.0, 2.0]);
    }
}
