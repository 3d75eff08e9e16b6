"""Three networks of well-known shape with random weights, for timing: the numbers they compute mean nothing.

    python make_shapes.py OUTDIR

mobilenet_v2_224.onnx is what every runtime is timed on; unet_128.onnx is what mattes are cut with; hourglass_256.onnx
bends a picture along a flow that it computed, as networks that animate faces do. Weights are scaled to keep values
near 1 (He), so that outputs of two engines can be compared.
"""
import argparse
import os
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn import functional as F


def conv(i, o, kernel=3, stride=1, groups=1):
    return nn.Conv2d(i, o, kernel, stride, kernel // 2, groups=groups, bias=False)


def unit(i, o, kernel=3, stride=1, groups=1, act=nn.ReLU):
    return nn.Sequential(conv(i, o, kernel, stride, groups), nn.BatchNorm2d(o), act())


class Bottleneck(nn.Module):
    """MobileNetV2's: widen, filter each channel, narrow; the sum only where the shape stays."""

    def __init__(self, i, o, stride, widen):
        super().__init__()
        wide = i * widen
        self.body = nn.Sequential(
            *([unit(i, wide, 1, act=nn.ReLU6)] if widen > 1 else []),
            unit(wide, wide, 3, stride, wide, nn.ReLU6),
            conv(wide, o, 1),
            nn.BatchNorm2d(o),
        )
        self.stays = stride == 1 and i == o

    def forward(self, x):
        return x + self.body(x) if self.stays else self.body(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [unit(3, 32, 3, 2, act=nn.ReLU6)], 32
        for widen, o, times, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
            for k in range(times):
                layers.append(Bottleneck(channels, o, stride if k == 0 else 1, widen))
                channels = o
        self.features = nn.Sequential(*layers, unit(320, 1280, 1, act=nn.ReLU6))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classes = nn.Linear(1280, 1000)

    def forward(self, x):
        return self.classes(self.pool(self.features(x)).flatten(1))


class UNet(nn.Module):
    def __init__(self, base=32, levels=4):
        super().__init__()
        width = [base * 2**k for k in range(levels)]
        pair = lambda i, o: nn.Sequential(unit(i, o), unit(o, o))
        self.down = nn.ModuleList(pair(i, o) for i, o in zip([3, *width], width))
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, 2) for o, i in zip(width, width[1:]))
        self.join = nn.ModuleList(pair(2 * o, o) for o in width[:-1])
        self.head = nn.Conv2d(base, 1, 1)

    def forward(self, x):
        skips = []
        for k, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if k else x)
            skips.append(x)
        for up, join, skip in reversed(list(zip(self.up, self.join, skips[:-1]))):
            x = join(torch.cat([up(x), skip], 1))
        return torch.sigmoid(self.head(x))


class Hourglass(nn.Module):
    """A flow from the picture at half its size, the picture's features bent along it, and a picture from those."""

    def __init__(self, base=24, most=192, levels=5, size=256):
        super().__init__()
        width = [min(most, base * 2**k) for k in range(levels + 1)]
        self.first = unit(3, base, 7, 2)
        self.down = nn.ModuleList(nn.Sequential(conv(i, o), nn.InstanceNorm2d(o, affine=True), nn.ReLU()) for i, o in zip(width, width[1:]))
        self.up = nn.ModuleList(unit(o + (o if k < levels - 1 else 0), i) for k, (i, o) in enumerate(zip(width, width[1:])))
        self.flow = nn.Conv2d(2 * base, 2, 7, padding=3)
        self.refine = unit(base, base)
        self.last = nn.Conv2d(base + 3, 3, 3, padding=1)
        half = (torch.arange(size // 2) + 0.5) / (size // 4) - 1
        self.register_buffer('identity', torch.stack([half.expand(size // 2, -1), half[:, None].expand(-1, size // 2)], -1)[None])

    def forward(self, image):
        x = features = self.first(image)
        skips = [x]
        for block in self.down:
            x = F.avg_pool2d(block(x), 2)
            skips.append(x)
        for k in reversed(range(len(self.up))):
            # The deepest has no skip to join.
            x = skips.pop() if k == len(self.up) - 1 else torch.cat([x, skips.pop()], 1)
            x = self.up[k](F.interpolate(x, scale_factor=2, mode='nearest'))
        flow = torch.tanh(self.flow(torch.cat([x, features], 1))).permute(0, 2, 3, 1)
        grid = self.identity + 0.2 * flow
        bent = F.grid_sample(features, grid, mode='bilinear', padding_mode='zeros', align_corners=False)
        x = F.interpolate(self.refine(bent), scale_factor=2, mode='nearest')
        small = F.grid_sample(image, grid, mode='bilinear', padding_mode='border', align_corners=False)
        small = F.interpolate(small, scale_factor=2, mode='nearest')
        return torch.sigmoid(self.last(torch.cat([x, small], 1)))


def random_weights(net):
    """He's for what is multiplied; norms that do something, so that folding them wrongly shows."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, mode='fan_out' if isinstance(layer, nn.ConvTranspose2d) else 'fan_in')
            if layer.bias is not None:
                nn.init.normal_(layer.bias, std=0.1)
        elif isinstance(layer, (nn.BatchNorm2d, nn.InstanceNorm2d)):
            nn.init.uniform_(layer.weight, 0.7, 1.1)
            nn.init.normal_(layer.bias, std=0.1)
            if isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.running_mean, std=0.1)
                nn.init.uniform_(layer.running_var, 0.8, 1.2)
    return net.eval()


def write(net, size, name, folder):
    path = os.path.join(folder, f'{name}.onnx')
    net = random_weights(net)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        torch.onnx.export(
            net, (torch.zeros(1, 3, size, size),), path, dynamo=False, opset_version=17, do_constant_folding=False,
            # Batch norms stay nodes of their own: folding them is the compiler's work.
            training=torch.onnx.TrainingMode.PRESERVE, input_names=['image'], output_names=['out'],
        )
    model = onnx.load(path)
    onnx.checker.check_model(model)

    session = onnxruntime.InferenceSession(path)
    i = np.arange(3 * size * size)
    image = (0.8 * np.sin(0.37 * i + 0.11 * (i % 97))).astype(np.float32).reshape(1, 3, size, size)
    (out,) = session.run(None, {'image': image})
    with torch.no_grad():
        off = np.abs(out - net(torch.from_numpy(image)).numpy()).max()
    assert off < 1e-3 * max(1, np.abs(out).max()), off
    kinds = sorted({n.op_type for n in model.graph.node})
    print(f'{name}: {os.path.getsize(path) / 1e6:.1f} MB, out {out.shape} in {out.min():.3g}..{out.max():.3g}, {off:.1g} off torch; {" ".join(kinds)}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder')
    folder = parser.parse_args().folder
    os.makedirs(folder, exist_ok=True)
    for make, size, name in ((MobileNetV2, 224, 'mobilenet_v2_224'), (UNet, 128, 'unet_128'), (Hourglass, 256, 'hourglass_256')):
        torch.manual_seed(7)
        write(make(), size, name, folder)


if __name__ == '__main__':
    main()
