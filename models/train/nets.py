"""The four networks. Convolutions are dense with 32..128 channels, which is what AMX (training) and wasm SIMD
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


def up(t):
    return F.interpolate(t, scale_factor=2.0, mode='nearest')


class Landmarks(nn.Module):
    """Face crop [n,3,128,128] in -1..1 -> one row of numbers per crop; `split` names them.

    Each point is the mean place of a heat map (integral regression, Sun et al. 2018) plus a correction from the whole
    crop, which can also lie outside the map. Regression from one code alone needs four times as many samples. The maps of
    the 68 points and the irises have 32 cells a side, those of the dense points 16. Expression, gaze and sigma are read off
    the code and the points together, for they are mostly distances between points."""

    WIDE = 48  # features per cell of the decoder

    def __init__(self, dense):
        super().__init__()
        self.p = p = POINTS_IBUG + IRISES + dense
        w = self.WIDE
        self.stem = cbr(3, 32, 8, 4, 2)  # one wide-stride layer: the full-size maps would cost more than all the rest
        self.s4 = cbr(32, 32)
        self.s8 = nn.Sequential(cbr(32, 64, 3, 2), Res(64), Res(64))
        self.s16 = nn.Sequential(cbr(64, 96, 3, 2), Res(96), Res(96))
        self.s32 = nn.Sequential(cbr(96, 96, 3, 2), cbr(96, 96))
        self.l32, self.l16, self.l8, self.l4 = cbr(96, w, 1), cbr(96, w, 1), cbr(64, w, 1), cbr(32, w, 1)
        self.u16, self.u8, self.u4 = cbr(w, w), cbr(w, w), cbr(w, w)
        self.head_fine, self.head_dense = nn.Conv2d(w, POINTS_IBUG + IRISES, 1), nn.Conv2d(w, dense, 1)
        self.squeeze = cbr(96, 64, 1)
        self.code = nn.Sequential(nn.Linear(64 * 16, 192), nn.ReLU(inplace=True))
        self.head_shift = nn.Linear(192, 2 * p)
        nn.init.zeros_(self.head_shift.weight)
        nn.init.zeros_(self.head_shift.bias)
        self.mix = nn.Sequential(nn.Linear(192 + 2 * p, 192), nn.ReLU(inplace=True))
        self.head_rest = nn.Linear(192, p + EXPRESSIONS + 3 + 4 + 1)
        for n in (32, 16):
            # The maps reach a little beyond the crop, so that a point at its edge needs no infinite weight.
            g = ((torch.arange(n) + 0.5) / n - 0.5) * 1.25
            self.register_buffer(f'grid{n}', torch.stack([g.repeat(n), g.repeat_interleave(n)], 1))

    def forward(self, x):
        a = self.s4(self.stem(x))
        b = self.s8(a)
        c = self.s16(b)
        d = self.s32(c)
        y = self.u16(up(self.l32(d)) + self.l16(c))
        y = self.u8(up(y) + self.l8(b))
        dense = self.head_dense(y)
        fine = self.head_fine(self.u4(up(y) + self.l4(a)))
        code = self.code(self.squeeze(d).reshape(-1, 64 * 16))
        with torch.autocast('cpu', enabled=False):  # bf16 has 3 digits: too few for coordinates
            code = code.float()
            mean = lambda maps, grid: maps.flatten(2).float().softmax(2) @ grid
            points = torch.cat([mean(fine, self.grid32), mean(dense, self.grid16)], 1).flatten(1) + self.head_shift(code)
            rest = self.head_rest(self.mix(torch.cat([code, 6 * points.detach()], 1)))
            return torch.cat([points, rest], 1)

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
        self.s8 = nn.Sequential(cbr(32, 48, 3, 2), Res(48))
        self.s16 = nn.Sequential(cbr(48, 64, 3, 2), Res(64))
        self.s32 = nn.Sequential(cbr(64, 64, 3, 2), Res(64))
        self.l32, self.l16, self.l8 = cbr(64, 48, 1), cbr(64, 48, 1), cbr(48, 32, 1)
        self.u8 = cbr(48, 32, 1)
        self.m4 = cbr(32, 32)
        self.head = nn.Conv2d(32, 5, 1)
        nn.init.zeros_(self.head.weight)
        self.head.bias.data = torch.tensor([-5.0, 0.5, 0.5, -1.5, -1.5])  # rare centres, a face of a quarter of the side

    def forward(self, x):
        a = self.s4(self.stem(x))
        b = self.s8(a)
        c = self.s16(b)
        y = self.l16(c) + up(self.l32(self.s32(c)))
        y = self.l8(b) + up(self.u8(y))
        return self.head(self.m4(a + up(y)))


class Matte(nn.Module):
    """Head-and-shoulders crop [n,3,128,128] -> logits [n,4,128,128]: person, hair, face, occluder. A U-Net that ends at
    half size, twice as cheap as a full one; the program sharpens the edges with a guided filter at the photo's own size
    anyway."""

    def __init__(self):
        super().__init__()
        self.s2 = cbr(3, 16, 4, 2, 1)
        self.s4 = nn.Sequential(cbr(16, 32, 4, 2, 1), Res(32))
        self.s8 = nn.Sequential(cbr(32, 48, 3, 2), Res(48))
        self.s16 = nn.Sequential(cbr(48, 64, 3, 2), Res(64), Res(64))
        self.s32 = nn.Sequential(cbr(64, 64, 3, 2), Res(64))
        self.l32, self.l16, self.l8, self.l4 = cbr(64, 48, 1), cbr(64, 48, 1), cbr(48, 32, 1), cbr(32, 32, 1)
        self.u16, self.u8, self.u4 = cbr(48, 48), cbr(48, 32), cbr(32, 32)
        self.u2 = nn.Sequential(cbr(32 + 16, 24), cbr(24, 24))
        self.head = nn.Conv2d(24, 4, 1)

    def forward(self, x):
        h = self.s2(x)
        a = self.s4(h)
        b = self.s8(a)
        c = self.s16(b)
        y = self.u16(up(self.l32(self.s32(c))) + self.l16(c))
        y = self.u8(up(y))
        y = self.u4(up(y + self.l8(b)) + self.l4(a))
        y = self.u2(torch.cat([up(y), h], 1))
        return F.interpolate(self.head(y), scale_factor=2.0, mode='bilinear', align_corners=False)


class MatteExport(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return torch.sigmoid(self.net(x))


class Refiner(nn.Module):
    """Paints on a face that geometry moved: `frame`, `guide` and `source`, each [n,3,128,128] in -1..1 (ARCHITECTURE.md
    says what they hold), -> logits [n,4,128,128] of a colour and of its alpha. A U-Net down to 8 x 8 cells, where one
    cell sees the whole face: teeth and light are taken from far away in the source. Few channels at full size, which
    costs most."""

    def __init__(self):
        super().__init__()
        self.s1 = cbr(9, 16)
        self.s2 = nn.Sequential(cbr(16, 32, 3, 2), cbr(32, 32))
        self.s4 = nn.Sequential(cbr(32, 48, 3, 2), Res(48))
        self.s8 = nn.Sequential(cbr(48, 64, 3, 2), Res(64))
        self.s16 = nn.Sequential(cbr(64, 96, 3, 2), Res(96))
        self.l16 = cbr(96, 64, 1)
        self.u8, self.u4, self.u2, self.u1 = cbr(64, 48), cbr(48, 32), cbr(32, 16), cbr(16, 12)
        self.head = nn.Conv2d(12, 4, 1)
        nn.init.zeros_(self.head.weight)
        self.head.bias.data = torch.tensor([0, 0, 0, -2.0])  # grey and faint: it starts almost silent

    def forward(self, frame, guide, source):
        h = self.s1(torch.cat([frame, guide, source], 1))
        a = self.s2(h)
        b = self.s4(a)
        c = self.s8(b)
        y = self.u8(up(self.l16(self.s16(c))) + c)
        y = self.u4(up(y) + b)
        y = self.u2(up(y) + a)
        return self.head(self.u1(up(y) + h))


class RefinerExport(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, frame, guide, source):
        return torch.sigmoid(self.net(frame, guide, source))


def dense_count(head_model):
    from safetensors import safe_open
    with safe_open(head_model, 'np') as f:
        return f.get_slice('dense').get_shape()[0]
