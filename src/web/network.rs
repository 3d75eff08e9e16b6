//! One network by itself, for benchmarks and for pages that bring their own.

use crate::gpu::Gpu;
use crate::nn::{Input, Network, Port};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

/// A network of one input: a plan on the graphics card, or, in the fallback, an ONNX file on the processor.
#[wasm_bindgen]
pub struct NeuralNetwork {
    network: Network,
}

#[wasm_bindgen]
impl NeuralNetwork {
    /// Reads a plan or an ONNX file. `name` appears in messages.
    ///
    /// # Errors
    /// The [`NetworkError`](crate::nn::NetworkError)'s sentence, or why no device could be had.
    pub async fn open(bytes: &[u8], name: &str) -> Result<NeuralNetwork, JsError> {
        let gpu = if bytes.starts_with(crate::nn::plan::MAGIC) {
            let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
            descriptor.backends = wgpu::Backends::BROWSER_WEBGPU;
            Some(Gpu::open(&wgpu::Instance::new(descriptor), None).await?)
        } else {
            None
        };
        Ok(Self { network: Network::load(name, bytes, gpu.as_ref()).await? })
    }

    /// `{name, inputs: [{name, shape}], outputs, macs, dispatches, pipelines, weights_bytes}`; the last four are null where
    /// the processor runs it.
    pub fn describe(&self) -> String {
        let port = |port: &Port| json!({ "name": port.name, "shape": port.shape });
        let executor = self.network.executor();
        let of = |value: &dyn Fn(&crate::nn::gpu::Executor) -> u64| executor.map_or(Value::Null, |e| value(e).into());
        json!({
            "name": self.network.name(),
            "inputs": [port(self.network.input())],
            "outputs": self.network.outputs().iter().map(port).collect::<Vec<Value>>(),
            "macs": of(&|e| e.plan().macs()),
            "dispatches": of(&|e| e.dispatches() as u64),
            "pipelines": of(&|e| e.pipelines() as u64),
            "weights_bytes": of(&|e| e.plan().weight_bytes() as u64),
        })
        .to_string()
    }

    /// Runs it on a row-major array; all outputs, one after the other.
    ///
    /// # Errors
    /// The [`NetworkError`](crate::nn::NetworkError)'s sentence.
    pub async fn run(&self, input: &[f32]) -> Result<Vec<f32>, JsError> {
        let outputs = self.network.run(&[Input::Values(input)]).await?;
        Ok(outputs.into_iter().flatten().flat_map(|output| output.values).collect())
    }
}
