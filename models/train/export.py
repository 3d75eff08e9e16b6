"""A checkpoint -> an ONNX file of the contract (ARCHITECTURE.md "Networks"): batch 1, opset 17, batch normalisation
folded, weights stored as float16 behind a Cast, which halves the download; the arithmetic stays float32.

usage: export.py {detector,landmarks,matte,refiner} CHECKPOINT|random OUT.onnx [--head-model models/head.safetensors]"""
import argparse
import copy
import os

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import TensorProto, helper, numpy_helper
from torch.nn.utils.fusion import fuse_conv_bn_eval

from nets import Detector, Landmarks, LandmarksExport, Matte, MatteExport, Refiner, RefinerExport, dense_count

NAMES = dict(detector=(['image'], ['faces']), landmarks=(['face'], ['points', 'sigma', 'expression', 'pose', 'gaze', 'score']),
             matte=(['image'], ['matte']), refiner=(['frame', 'guide', 'source'], ['residual']))
FILES = dict(detector='face_detector', landmarks='face_landmarks', matte='person_matte', refiner='refiner')


def build(kind, dense):
    return dict(detector=Detector, matte=Matte, refiner=Refiner, landmarks=lambda: Landmarks(dense))[kind]()


def fold(m):
    """Every conv + batch normalisation pair of `nets.py` is consecutive in a Sequential."""
    for child in m.children():
        fold(child)
    if isinstance(m, nn.Sequential):
        for i in range(len(m) - 1):
            if isinstance(m[i], nn.Conv2d) and isinstance(m[i + 1], nn.BatchNorm2d):
                m[i] = fuse_conv_bn_eval(m[i], m[i + 1])
                m[i + 1] = nn.Identity()
    return m


def halve(model):
    """Stores each float32 weight of more than 64 numbers as float16, read through a Cast."""
    g = model.graph
    casts, kept = [], []
    for t in g.initializer:
        a = numpy_helper.to_array(t)
        if a.dtype == np.float32 and a.size > 64:
            # Clipped: a folded weight above float16's range would become infinite.
            h = numpy_helper.from_array(np.clip(a, -65504, 65504).astype(np.float16), t.name + '_h')
            kept.append(h)
            casts.append(helper.make_node('Cast', [h.name], [t.name], name=t.name + '_cast', to=TensorProto.FLOAT))
        else:
            kept.append(t)
    del g.initializer[:]
    g.initializer.extend(kept)
    nodes = casts + list(g.node)
    del g.node[:]
    g.node.extend(nodes)
    return model


def export(kind, net, out):
    net = fold(copy.deepcopy(net).float().eval())
    wrapped = dict(detector=lambda n: n, landmarks=LandmarksExport, matte=MatteExport, refiner=RefinerExport)[kind](net).eval()
    ins, outs = NAMES[kind]
    x = tuple(torch.rand(1, 3, 128, 128) * 2 - 1 for _ in ins)
    tmp = out + '.tmp'
    torch.onnx.export(wrapped, x, tmp, input_names=ins, output_names=outs, opset_version=17, dynamo=False, do_constant_folding=True)
    model = halve(onnx.load(tmp))
    onnx.checker.check_model(model)
    onnx.save(model, tmp)
    import onnxruntime as ort
    got = ort.InferenceSession(tmp, providers=['CPUExecutionProvider']).run(None, {name: value.numpy() for name, value in zip(ins, x)})
    with torch.no_grad():
        want = wrapped(*x)
    want = want if isinstance(want, tuple) else (want,)
    worst = max(float(np.abs(a - b.numpy()).max()) for a, b in zip(got, want))
    os.replace(tmp, out)  # atomic: readers of the folder never see half a file
    return worst


if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('kind', choices=list(NAMES))
    ap.add_argument('checkpoint')
    ap.add_argument('out')
    ap.add_argument('--head-model', default=os.path.join(os.path.dirname(__file__), '..', 'head.safetensors'))
    a = ap.parse_args()
    net = build(a.kind, dense_count(a.head_model) if a.kind == 'landmarks' else 0)
    if a.checkpoint != 'random':
        net.load_state_dict(torch.load(a.checkpoint, map_location='cpu')['ema'])
    print(a.out, 'largest difference to PyTorch', export(a.kind, net, a.out), 'bytes', os.path.getsize(a.out))
