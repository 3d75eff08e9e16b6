"""Writes the small test files beside this script that Rust's `image` crate cannot write itself.

python3 tests/data/make.py   (needs Pillow, numpy, onnx; the results are committed)
"""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from PIL import Image

here = Path(__file__).parent

# A picture whose quarters tell its orientation: red, green / blue, grey.
quarters = np.zeros((48, 64, 3), np.uint8)
quarters[:24, :32] = (220, 30, 30)
quarters[:24, 32:] = (30, 200, 30)
quarters[24:, :32] = (30, 30, 220)
quarters[24:, 32:] = (128, 128, 128)
picture = Image.fromarray(quarters)
picture.save(here / "quarters.jpg", quality=90)
picture.save(here / "progressive.jpg", quality=90, progressive=True)
picture.convert("CMYK").save(here / "cmyk.jpg", quality=95)
exif = Image.Exif()
exif[0x0112] = 6  # rotate 90 degrees clockwise to show
picture.save(here / "orientation6.jpg", quality=90, exif=exif)
other = Image.fromarray(255 - quarters)
picture.save(here / "animated.webp", save_all=True, append_images=[other], duration=100, lossless=True)
picture.save(here / "animated.png", save_all=True, append_images=[other], duration=100)

# out = 2 x + 1, mean = mean(x)
x = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 4, 4])
out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, 4, 4])
mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, 1, 1, 1])
nodes = [
    helper.make_node("Mul", ["image", "two"], ["doubled"]),
    helper.make_node("Add", ["doubled", "one"], ["out"]),
    helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2, 3], keepdims=1),
]
constants = [helper.make_tensor(n, TensorProto.FLOAT, [1], [v]) for n, v in (("two", 2.0), ("one", 1.0))]
graph = helper.make_graph(nodes, "tiny", [x], [out, mean], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, here / "tiny.onnx")
