"""Multiplications of one run of an ONNX file, counted as models/evaluate/cost.py does."""
import math

from onnx import numpy_helper, shape_inference


def count(model):
    """Conv, ConvTranspose, Gemm and MatMul; everything else is small beside them."""
    graph = shape_inference.infer_shapes(model).graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.value_info, *graph.input, *graph.output)}
    shapes |= {t.name: list(t.dims) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == 'Constant' and node.attribute[0].name == 'value':
            shapes[node.output[0]] = list(numpy_helper.to_array(node.attribute[0].t).shape)
    macs = 0
    for node in graph.node:
        if node.op_type not in ('Conv', 'ConvTranspose', 'Gemm', 'MatMul'):
            continue
        first, weight, out = shapes[node.input[0]], shapes[node.input[1]], shapes[node.output[0]]
        if node.op_type == 'Conv':
            macs += math.prod(out) * math.prod(weight[1:])
        elif node.op_type == 'ConvTranspose':
            macs += math.prod(first) * math.prod(weight[1:])
        else:
            turned = any(a.name == 'transA' and a.i for a in node.attribute)
            macs += math.prod(out) * first[0 if turned else -1]
    return macs
