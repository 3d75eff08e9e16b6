"""Stores a network's weights as int8 with one scale per output channel: `python quantise.py IN.onnx OUT.onnx`.

Half the download of float16. Only the storage changes: Cast and Mul restore float32 weights when the network is loaded
(tract folds them), so the arithmetic stays float32. Prints the largest change of any output on random input, relative
to that output's range."""

import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Smaller tensors (biases, scales) are not worth their error.
SMALLEST = 1024


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of `model`, whose weights are float16 behind a Cast as `export.py` writes them."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    graph = model.graph
    weights = {t.name: t for t in graph.initializer}
    nodes, removed = [], set()
    for node in graph.node:
        source = weights.get(node.input[0]) if node.op_type == "Cast" else None
        values = numpy_helper.to_array(source).astype(np.float32) if source is not None else None
        if values is None or values.size < SMALLEST or values.ndim < 2:
            nodes.append(node)
            continue
        # Output channels come first in convolutions and in transposed matrix products.
        scale = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True) / 127 + 1e-12
        name = node.output[0]
        graph.initializer.append(numpy_helper.from_array(np.round(values / scale).astype(np.int8), name + "_q"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), name + "_s"))
        nodes.append(helper.make_node("Cast", [name + "_q"], [name + "_f"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [name + "_f", name + "_s"], [name]))
        removed.add(source.name)
    kept = [t for t in graph.initializer if t.name not in removed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)
    return model


def run(model: onnx.ModelProto, values: dict[str, np.ndarray]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, values)


def main() -> None:
    model = onnx.load(sys.argv[1])
    small = quantise(model)
    rng = np.random.default_rng(0)
    values = {i.name: rng.uniform(-1, 1, [d.dim_value for d in i.type.tensor_type.shape.dim]).astype(np.float32) for i in model.graph.input}
    for output, before, after in zip(model.graph.output, run(model, values), run(small, values)):
        print(f"{output.name}: {np.abs(after - before).max() / max(np.ptp(before), 1e-6):.4f}")
    onnx.save(small, sys.argv[2])


if __name__ == "__main__":
    main()
