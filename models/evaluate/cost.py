"""What each network costs: bytes, parameters, multiplications, milliseconds on one thread of onnxruntime and in the program (tract).

    python cost.py --models CHECKPOINTS
"""
import json
import os
import subprocess
import time

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

import mattes
import program


def count(path):
    """Parameters (elements of the initialisers) and multiplications (Conv, ConvTranspose, Gemm, MatMul) of one run."""
    model = shape_inference.infer_shapes(onnx.load(path))
    graph = model.graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.value_info, *graph.input, *graph.output)}
    weights = {t.name: list(t.dims) for t in graph.initializer}
    shapes.update(weights)
    for node in graph.node:
        if node.op_type == 'Constant' and node.attribute[0].name == 'value':
            weights[node.output[0]] = shapes[node.output[0]] = list(numpy_helper.to_array(node.attribute[0].t).shape)
    macs = 0
    for node in graph.node:
        if node.op_type in ('Conv', 'ConvTranspose', 'Gemm', 'MatMul'):
            weight, out = shapes.get(node.input[1]), shapes.get(node.output[0])
            if not weight or not out:
                continue
            if node.op_type == 'Conv':
                macs += int(np.prod(out)) * int(np.prod(weight[1:]))
            elif node.op_type == 'ConvTranspose':
                macs += int(np.prod(shapes[node.input[0]])) * int(np.prod(weight[1:]))
            else:
                inner = shapes[node.input[0]][-1]
                macs += int(np.prod(out)) * int(inner)
    return sum(int(np.prod(s)) for s in weights.values()), macs


def milliseconds(net, repeat=60):
    """Median of single runs."""
    rng, times = np.random.default_rng(0), []
    x = {i.name: rng.uniform(-1, 1, i.shape).astype(np.float32) for i in net.get_inputs()}
    for _ in range(repeat):
        start = time.perf_counter()
        net.run(None, x)
        times.append(time.perf_counter() - start)
    return 1e3 * float(np.median(times))


def tract(a):
    """{network: ms} from `portraoke bench`; empty where that fails."""
    try:
        out = subprocess.run([a.binary, '--models', os.path.abspath(program.completed(a.models)), 'bench'], cwd=program.REPO, capture_output=True, text=True).stdout
    except OSError:
        return {}
    steps = [json.loads(line) for line in out.splitlines() if line.startswith('{')]
    return {s['step']: s.get('ms', s.get('median_ms')) for s in steps if 'step' in s}


def main():
    a = program.arguments(__doc__).parse_args()
    steps, folder = tract(a), program.completed(a.models)
    print('| network | bytes | parameters | million multiplications | ms, onnxruntime | ms, tract |\n|---|---|---|---|---|---|')
    for name in program.NETWORKS:
        path = os.path.join(folder, name)
        parameters, macs = count(path)
        ours = steps.get(name.removesuffix('.onnx') + ': run')
        print(f'| {name} | {os.path.getsize(path):,} | {parameters:,} | {macs / 1e6:.0f} | {milliseconds(mattes.network(a.models, name)):.2f} | {f"{ours:.2f}" if ours else "-"} |')
    for step in ('portrait: detect, read, fit', 'portrait: fit', 'portrait: layers'):
        if steps.get(step):
            print(f'{step}: {steps[step]:.1f} ms')


if __name__ == '__main__':
    main()
