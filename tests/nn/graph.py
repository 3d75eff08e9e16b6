"""A graph of a few nodes in as few words, with inputs drawn when they are named."""
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR = 8  # what opset 17 came with; newer opsets need newer


class Graph:
    """`name` seeds the values: a case added between two others changes neither."""

    def __init__(self, name):
        self.name, self.opset = name, OPSET
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.values, self.declared, self.nodes, self.constants = {}, [], [], []

    def fresh(self, letter):
        return f'{letter}{len(self.nodes) + len(self.constants) + len(self.values)}'

    def x(self, *shape, low=-1.0, high=1.0):
        """An input with values of its own."""
        return self.input(self.random.uniform(low, high, shape))

    def input(self, value):
        name, value = self.fresh('x'), np.asarray(value, np.float32)
        self.values[name] = value
        self.declared.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape))
        return name

    def w(self, *shape):
        """Weights that keep the values of a convolution near 1."""
        fan = max(1, int(np.prod(shape[1:])))
        return self.c(self.random.uniform(-1, 1, shape) * np.sqrt(3 / fan))

    def b(self, *shape, low=-0.5, high=0.5):
        return self.c(self.random.uniform(low, high, shape))

    def c(self, value, dtype=None):
        """A constant: whole numbers as int64, others as float32."""
        array = np.asarray(value)
        array = array.astype(dtype or (np.int64 if array.dtype.kind == 'i' and array.size else np.float32))
        name = self.fresh('c')
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def __call__(self, op, *inputs, outputs=1, domain='', **attributes):
        names = [f'{self.fresh("y")}{"abcdefgh"[k] if outputs > 1 else ""}' for k in range(outputs)]
        inputs = list(inputs)
        while inputs and inputs[-1] is None:  # as exporters do; '' at the end is as good ONNX, and breaks readers
            inputs.pop()
        self.nodes.append(helper.make_node(op, [i or '' for i in inputs], names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def model(self, outputs, checked=True):
        outputs = [outputs] if isinstance(outputs, str) else outputs
        graph = helper.make_graph(self.nodes, self.name.replace('/', '_'), self.declared, [helper.make_empty_tensor_value_info(o) for o in outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', self.opset)], ir_version=IR if self.opset <= OPSET else 9)
        if checked:
            model = typed(model)
            onnx.checker.check_model(model)
        return model


def typed(model):
    """Types and shapes of the outputs, which a reader may ask for; those of values between are not kept."""
    known = {o.name: o for o in onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph.output}
    for output in model.graph.output:
        output.CopyFrom(known[output.name])
    return model


def reference(model, values):
    """What onnxruntime computes with nothing folded or fused, all as float32."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=['CPUExecutionProvider'])
    return [np.asarray(out, np.float32) for out in session.run(None, values)]
