"""Small graphs with what onnxruntime computes for them: the table that every kernel is held to.

    python make_cases.py              writes cases/*.safetensors
    python make_cases.py --second     and says where onnx's own reference implementation computes otherwise

Tensors: CASE/onnx (bytes of the model), CASE/in/0…, CASE/out/0… (f32; where a graph gives whole numbers or truths, those).
"""
import argparse
import os

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

from families import convolution, elementwise, pooling, products, refused, sampling, shapes
from graph import Graph, reference

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, 'cases')
MODELS = os.path.join(HERE, '../../models')


def write(family, tensors):
    path = os.path.join(FOLDER, f'{family}.safetensors')
    save_file(tensors, path)
    return os.path.getsize(path)


def bytes_of(model):
    return np.frombuffer(model.SerializeToString(deterministic=True), np.uint8)


def answers(family, second):
    """All cases of a family: {tensor name: values}."""
    tensors, names = {}, []

    def case(name, build):
        assert name not in names, name
        names.append(name)
        graph = Graph(f'{family.__name__}/{name}')
        try:
            model = graph.model(build(graph))
            outputs = reference(model, graph.values)
        except Exception as error:
            raise SystemExit(f'{graph.name}: {error}')
        tensors[f'{name}/onnx'] = bytes_of(model)
        for k, value in enumerate(graph.values.values()):
            tensors[f'{name}/in/{k}'] = value
        for k, value in enumerate(outputs):
            assert np.isfinite(value).all(), f'{graph.name}: not finite'
            tensors[f'{name}/out/{k}'] = value
        if second:
            compare(graph.name, model, graph.values, outputs)

    family(case)
    return tensors, len(names)


def compare(name, model, values, outputs):
    try:
        others = ReferenceEvaluator(model).run(None, values)
    except Exception as error:
        print(f'  {name}: onnx cannot: {str(error).splitlines()[0][:120]}')
        return
    for one, other in zip(outputs, others):
        if one.shape != np.shape(other):
            print(f'  {name}: {one.shape}, onnx {np.shape(other)}')
        elif one.size and (off := np.abs(one - np.asarray(other, np.float32)).max()) > 1e-4 * max(1, np.abs(one).max()):
            print(f'  {name}: {off:.3g} apart')


def wave(count):
    """What networks.safetensors was computed from: a formula in place of a file."""
    i = np.arange(count)
    return (0.8 * np.sin(0.37 * i + 0.11 * (i % 97))).astype(np.float32)


def networks():
    """Our three networks on the wave; of the matte every 7th value."""
    tensors = {}
    for name in ('face_detector', 'face_landmarks', 'person_matte'):
        model = onnx.load(os.path.join(MODELS, f'{name}.onnx'))
        (image,) = model.graph.input
        shape = [d.dim_value for d in image.type.tensor_type.shape.dim]
        for k, value in enumerate(reference(model, {image.name: wave(np.prod(shape)).reshape(shape)})):
            tensors[f'{name}/out/{k}'] = np.ascontiguousarray(value.ravel()[::7]) if name == 'person_matte' else value
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--second', action='store_true')
    second = parser.parse_args().second
    os.makedirs(FOLDER, exist_ok=True)
    total = cases = 0
    for module in (convolution, products, pooling, sampling, shapes, elementwise):
        for family in module.FAMILIES:
            tensors, count = answers(family, second)
            size = write(family.__name__, tensors)
            print(f'{family.__name__:16}{count:5} cases {size / 1000:8.1f} kB')
            total, cases = total + size, cases + count
    total += write('networks', networks())
    total += write('refused', {f'{name}/onnx': np.frombuffer(model, np.uint8) for name, model in refused.models()})
    print(f'{"together":16}{cases:5} cases {total / 1000:8.1f} kB; onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}')


if __name__ == '__main__':
    main()
