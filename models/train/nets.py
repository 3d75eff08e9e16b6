"""The three networks. Convolutions are dense with 32..128 channels, which is what AMX (training) and wasm SIMD
(use) both run well; batch normalisation is folded on export, so only plain operators reach the ONNX files."""
import torch
import torch.nn as nn
import torch.nn.functional as F

POINTS_IBUG, IRISES, EXPRESSIONS = 68, 2, 52


def cbr(i, o, k=3, s=1, p=None):
    return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2 if p is None else p, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Res(nn.Module):
    """Two 3x3 convolutions around a skip."""

    def __init__(self, c):
        super().__init__()
        self.a = cbr(c, c)
        self.b = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


class Landmarks(nn.Module):
    """Face crop [n,3,128,128] in -1..1 -> one row of numbers per crop; `split` names them.

    The points leave as a low-rank layer over 192 numbers: faces have far fewer degrees of freedom than 2 x 221."""

    def __init__(self, dense):
        super().__init__()
        self.p = POINTS_IBUG + IRISES + dense
        self.stem = cbr(3, 32, 8, 4, 2)  # one wide-stride layer: the full-size maps would cost more than all the rest
        self.body = nn.Sequential(
            cbr(32, 32), cbr(32, 64, 3, 2), Res(64), Res(64), cbr(64, 96, 3, 2), Res(96), Res(96), cbr(96, 96, 3, 2), cbr(96, 64, 1))
        self.code = nn.Sequential(nn.Linear(64 * 16, 256), nn.ReLU(inplace=True))
        self.head = nn.Linear(256, self.p * 3 + EXPRESSIONS + 3 + 4 + 1)

    def forward(self, x):
        y = self.code(self.body(self.stem(x)).reshape(-1, 64 * 16))
        with torch.autocast('cpu', enabled=False):  # bf16 has 3 digits: too few for coordinates
            return F.linear(y.float(), self.head.weight, self.head.bias)

    def split(self, y):
        p = self.p
        points, sigma, expression, pose, gaze, score = torch.split(y, [2 * p, p, EXPRESSIONS, 3, 4, 1], 1)
        return dict(points=points.reshape(-1, p, 2) + 0.5, sigma=sigma, expression=expression, pose=pose, gaze=gaze, score=score)


class LandmarksExport(nn.Module):
    """Adds the contract's output ranges: sigma in crop units, expression and score in 0..1."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        o = self.net.split(self.net(x))
        return o['points'], torch.exp(o['sigma'].clamp(-7, 0)), o['expression'].clamp(0, 1), o['pose'], o['gaze'], torch.sigmoid(o['score'])


class Detector(nn.Module):
    """Picture [n,3,128,128] -> [n,5,32,32]: logit, offset x y, ln w, ln h per 4-pixel cell."""

    def __init__(self):
        super().__init__()
        self.stem = cbr(3, 32, 8, 4, 2)
        self.s4 = Res(32)
        self.s8 = nn.Sequential(cbr(32, 32, 3, 2), Res(32))
        self.s16 = nn.Sequential(cbr(32, 32, 3, 2), Res(32))
        self.s32 = nn.Sequential(cbr(32, 32, 3, 2), cbr(32, 32))
        self.m4 = cbr(32, 32)
        self.head = nn.Conv2d(32, 5, 1)
        nn.init.zeros_(self.head.weight)
        self.head.bias.data = torch.tensor([-5.0, 0.5, 0.5, -1.5, -1.5])  # rare centres, a face of a quarter of the side

    def forward(self, x):
        a = self.s4(self.stem(x))
        b = self.s8(a)
        c = self.s16(b)
        d = self.s32(c)
        up = lambda t: F.interpolate(t, scale_factor=2.0, mode='nearest')
        y = self.m4(a + up(b + up(c + up(d))))
        return self.head(y)


class Matte(nn.Module):
    """Head-and-shoulders crop [n,3,128,128] -> logits [n,2,128,128]: person, hair. A U-Net that ends at half size, twice
    as cheap as a full one; the program sharpens the edges with a guided filter at the photo's own size anyway."""

    def __init__(self):
        super().__init__()
        self.s2 = cbr(3, 16, 4, 2, 1)
        self.s4 = nn.Sequential(cbr(16, 32, 4, 2, 1), Res(32))
        self.s8 = nn.Sequential(cbr(32, 48, 3, 2), Res(48))
        self.s16 = nn.Sequential(cbr(48, 64, 3, 2), Res(64))
        self.s32 = nn.Sequential(cbr(64, 64, 3, 2), cbr(64, 64))
        self.l16, self.l8, self.l4 = cbr(64, 48, 1), cbr(48, 32, 1), cbr(32, 32, 1)
        self.u8 = cbr(48, 32)
        self.u4 = cbr(32, 32)
        self.u2 = cbr(32 + 16, 16)
        self.head = nn.Conv2d(16, 2, 1)
        self.p32 = cbr(64, 48, 1)

    def forward(self, x):
        h = self.s2(x)
        a = self.s4(h)
        b = self.s8(a)
        c = self.s16(b)
        d = self.p32(self.s32(c))
        up = lambda t: F.interpolate(t, scale_factor=2.0, mode='nearest')
        y = self.u8(up(d) + self.l16(c))
        y = self.u4(up(y) + self.l8(b))
        y = up(y) + self.l4(a)
        y = self.u2(torch.cat([up(y), h], 1))
        return F.interpolate(self.head(y), scale_factor=2.0, mode='bilinear', align_corners=False)


class MatteExport(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return torch.sigmoid(self.net(x))


def macs(net, size=128):
    """Multiplications of one picture, millions."""
    total = [0]
    hooks = [m.register_forward_hook(lambda m, i, o: total.__setitem__(0, total[0] + o.numel() * m.weight[0].numel()))
             for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    head = getattr(net, 'code', None)
    with torch.no_grad():
        net.eval()(torch.zeros(1, 3, size, size))
    for h in hooks:
        h.remove()
    return total[0] / 1e6 + (net.head.weight.numel() / 1e6 if head is not None else 0)


def dense_count(head_model):
    from safetensors import safe_open
    with safe_open(head_model, 'np') as f:
        return f.get_slice('dense').get_shape()[0]
