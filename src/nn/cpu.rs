//! Networks on the processor: tract reads, checks and optimises an ONNX graph once and then runs it, without threads,
//! natively and in wasm.

use super::onnx_guard::{self, MAX_ELEMENTS, words};
use super::{Input, NetworkError, Output, Picture, Port};
use std::borrow::Cow;
use std::panic::catch_unwind;
use tract_onnx::prelude::*;

/// A network ready to run on the processor.
#[derive(Debug)]
pub(super) struct CpuNetwork {
    name: String,
    plan: Arc<TypedRunnableModel>,
    input: Port,
    outputs: Vec<Port>,
}

impl CpuNetwork {
    /// Reads and optimises an ONNX file.
    pub(super) fn load(name: &str, bytes: &[u8]) -> Result<Self, NetworkError> {
        let unreadable = |reason: String| NetworkError::Unreadable { network: name.to_owned(), reason };
        // tract asserts some things about a graph where it could report them. Where panics unwind (natively), such a
        // file gets an error like any other; in wasm, where they abort, only the guard stands before them.
        catch_unwind(|| Self::build(name, bytes)).unwrap_or_else(|_| Err(unreadable("its graph is broken".to_owned())))
    }

    fn build(name: &str, bytes: &[u8]) -> Result<Self, NetworkError> {
        let unreadable = |reason: String| NetworkError::Unreadable { network: name.to_owned(), reason };
        let contract = |reason: String| NetworkError::Contract { network: name.to_owned(), reason };
        let onnx = tract_onnx::onnx();
        let proto = onnx_guard::read(&onnx, bytes).map_err(|objection| unreadable(objection.to_string()))?;
        let model = onnx.model_for_proto_model(&proto).map_err(|e| unreadable(words(&e)))?;
        // An empty protobuf message is a valid ONNX file with nothing in it.
        if model.inputs.len() != 1 || model.outputs.is_empty() {
            return Err(contract(format!("{} inputs, {} outputs", model.inputs.len(), model.outputs.len())));
        }
        // Optimising renames nodes, so names are taken from the graph as read.
        let label = |outlet: &OutletId| {
            let named = model.outlet_label(*outlet).map(str::to_owned);
            named.unwrap_or_else(|| model.node(outlet.node).name.clone())
        };
        let input_name = label(&model.inputs[0]);
        let output_names: Vec<String> = model.outputs.iter().map(label).collect();
        let model = model.into_typed().map_err(|e| unreadable(words(&e)))?;
        onnx_guard::check_typed(&model).map_err(unreadable)?;
        let model = model.into_optimized().map_err(|e| unreadable(words(&e)))?;
        let port = |outlet: OutletId, name: String| -> Result<Port, NetworkError> {
            let fact = model.outlet_fact(outlet).map_err(|e| unreadable(words(&e)))?;
            let shape = fact.shape.as_concrete().ok_or_else(|| contract(format!("`{name}` has no fixed shape")))?;
            let elements = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)).unwrap_or(usize::MAX);
            if elements == 0 || elements > MAX_ELEMENTS || fact.datum_type != f32::datum_type() {
                return Err(contract(format!("`{name}` is {shape:?} of {:?}", fact.datum_type)));
            }
            Ok(Port { name, shape: shape.to_vec() })
        };
        let input = port(model.inputs[0], input_name)?;
        let outputs =
            model.outputs.iter().zip(output_names).map(|(&o, n)| port(o, n)).collect::<Result<Vec<_>, _>>()?;
        let plan = model.into_runnable().map_err(|e| unreadable(words(&e)))?;
        Ok(Self { name: name.to_owned(), plan, input, outputs })
    }

    pub(super) fn input(&self) -> &Port {
        &self.input
    }

    pub(super) fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Runs the network on each input in turn.
    pub(super) fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Vec<Output>>, NetworkError> {
        inputs.iter().map(|input| self.run_once(&self.values(input)?)).collect()
    }

    /// The array that stands for `input`, of the right length.
    fn values<'a>(&self, input: &Input<'a>) -> Result<Cow<'a, [f32]>, NetworkError> {
        let contract = |reason: String| NetworkError::Contract { network: self.name.clone(), reason };
        let expected: usize = self.input.shape.iter().product();
        match *input {
            Input::Values(values) if values.len() == expected => Ok(Cow::Borrowed(values)),
            Input::Values(values) => Err(contract(format!("{} input values where {expected} belong", values.len()))),
            Input::Crop { picture: Picture::Cpu(pyramid), patch, border } => match self.input.shape[..] {
                [1, 3, height, width] if height == width => Ok(Cow::Owned(pyramid.tensor(patch, width, border))),
                ref shape => Err(contract(format!("its input is {shape:?}, no square picture"))),
            },
            Input::Crop { picture: Picture::Gpu { .. }, .. } => {
                Err(contract("it runs on the processor, its picture is on the graphics card".to_owned()))
            }
        }
    }

    fn run_once(&self, input: &[f32]) -> Result<Vec<Output>, NetworkError> {
        let failed = |reason: String| NetworkError::Failed { network: self.name.clone(), reason };
        let tensor = Tensor::from_shape(&self.input.shape, input).map_err(|e| failed(words(&e)))?;
        let results = self.plan.run(tvec!(tensor.into())).map_err(|e| failed(words(&e)))?;
        results
            .into_iter()
            .zip(&self.outputs)
            .map(|(value, port)| {
                let view = value.to_plain_array_view::<f32>().map_err(|e| failed(words(&e)))?;
                let values: Vec<f32> = view.iter().copied().collect();
                if !values.iter().all(|v| v.is_finite()) {
                    return Err(failed(format!("`{}` holds values that are not numbers", port.name)));
                }
                Ok(Output { name: port.name.clone(), shape: port.shape.clone(), values })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `out` = 2 x + 1, `mean` = mean of x, for x of shape [1,3,4,4]; see `tests/data/make.py`.
    const TINY: &[u8] = include_bytes!("../../tests/data/tiny.onnx");

    #[test]
    fn runs_a_tiny_network() {
        let network = CpuNetwork::load("tiny", TINY).expect("an intact file");
        assert_eq!(network.input(), &Port { name: "image".into(), shape: vec![1, 3, 4, 4] });
        let input: Vec<f32> = (0..48).map(|i| i as f32).collect();
        let outputs = network.run(&[Input::Values(&input)]).expect("a run").remove(0);
        assert_eq!(outputs[0].name, "out");
        assert_eq!(outputs[0].shape, [1, 3, 4, 4]);
        assert_eq!(outputs[0].values[5], 11.0);
        assert_eq!((outputs[1].name.as_str(), outputs[1].values[0]), ("mean", 23.5));
    }

    #[test]
    fn wrong_input_is_refused() {
        let network = CpuNetwork::load("tiny", TINY).expect("an intact file");
        assert!(matches!(network.run(&[Input::Values(&[0.0; 3])]), Err(NetworkError::Contract { .. })));
        assert!(matches!(network.run(&[Input::Values(&[f32::NAN; 48])]), Err(NetworkError::Failed { .. })));
    }

    #[test]
    fn corrupt_files_are_refused_in_words() {
        assert!(CpuNetwork::load("tiny", &[]).is_err());
        assert!(CpuNetwork::load("tiny", b"not a model").is_err());
        for cut in 0..TINY.len() {
            // A file cut between two fields may still be whole; what matters is that nothing panics.
            if let Err(error) = CpuNetwork::load("tiny", &TINY[..cut]) {
                assert!(error.to_string().contains("tiny"));
            }
        }
        for at in 0..TINY.len() {
            let mut bytes = TINY.to_vec();
            bytes[at] ^= 0x11;
            drop(CpuNetwork::load("tiny", &bytes));
        }
    }
}
