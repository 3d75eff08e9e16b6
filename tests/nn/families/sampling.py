"""Values looked up elsewhere: resized, padded, sampled along a grid."""
import numpy as np

PLACES = ('half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric')


def resize(case):
    def scaled(name, shape, scales, mode, place, **more):
        case(name, lambda g: g('Resize', g.x(*shape), None, g.c(np.array([1.0] * (len(shape) - len(scales)) + list(scales))), mode=mode, coordinate_transformation_mode=place, **more))

    def sized(name, shape, sizes, mode, place, **more):
        case(name, lambda g: g('Resize', g.x(*shape), None, None, g.c([*shape[:2], *sizes]), mode=mode, coordinate_transformation_mode=place, **more))

    # nearest: where a pixel's place comes from, and to which side its half goes
    for place in PLACES:
        for side in ('floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'):
            sized(f'nearest_{place}_{side}_up', (1, 2, 3, 4), (7, 6), 'nearest', place, nearest_mode=side)
            sized(f'nearest_{place}_{side}_down', (1, 2, 7, 6), (3, 4), 'nearest', place, nearest_mode=side)
    usual = dict(nearest_mode='floor')
    scaled('nearest_x2', (1, 4, 3, 5), (2, 2), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x2_odd', (1, 5, 7, 3), (2, 2), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x2_one_pixel', (1, 3, 1, 1), (2, 2), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x2_batch_2', (2, 3, 3, 4), (2, 2), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x2_half_pixel', (1, 3, 3, 4), (2, 2), 'nearest', 'half_pixel', nearest_mode='round_prefer_floor')
    scaled('nearest_x3', (1, 3, 3, 4), (3, 3), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x4', (1, 2, 3, 2), (4, 4), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x2_x1', (1, 3, 3, 4), (2, 1), 'nearest', 'asymmetric', **usual)
    scaled('nearest_x1', (1, 3, 3, 4), (1, 1), 'nearest', 'asymmetric', **usual)
    scaled('nearest_fraction', (1, 2, 5, 4), (1.6, 2.5), 'nearest', 'asymmetric', **usual)
    scaled('nearest_half', (1, 3, 6, 8), (0.5, 0.5), 'nearest', 'asymmetric', **usual)
    scaled('nearest_half_odd', (1, 3, 7, 5), (0.5, 0.5), 'nearest', 'asymmetric', **usual)
    scaled('nearest_1d', (1, 3, 7), (2,), 'nearest', 'asymmetric', **usual)
    scaled('nearest_3d', (1, 2, 2, 3, 4), (2, 2, 2), 'nearest', 'asymmetric', **usual)
    scaled('nearest_3d_plane', (1, 2, 2, 3, 4), (1, 2, 2), 'nearest', 'asymmetric', **usual)
    # bilinear
    for place in PLACES:
        scaled(f'linear_{place}_x2', (1, 3, 4, 5), (2, 2), 'linear', place)
        scaled(f'linear_{place}_x3', (1, 2, 3, 4), (3, 3), 'linear', place)
        sized(f'linear_{place}_up', (1, 2, 5, 4), (9, 7), 'linear', place)
        sized(f'linear_{place}_down', (1, 2, 9, 7), (4, 5), 'linear', place)
        scaled(f'linear_{place}_half', (1, 3, 8, 6), (0.5, 0.5), 'linear', place)
        sized(f'linear_{place}_from_one_pixel', (1, 3, 1, 1), (3, 4), 'linear', place)
        sized(f'linear_{place}_to_one_pixel', (1, 3, 5, 4), (1, 1), 'linear', place)
    scaled('linear_fraction', (1, 2, 5, 4), (1.6, 2.5), 'linear', 'half_pixel')
    scaled('linear_x4', (1, 2, 3, 4), (4, 4), 'linear', 'half_pixel')
    scaled('linear_one_way', (1, 3, 4, 5), (1, 2), 'linear', 'half_pixel')
    scaled('linear_batch_2', (2, 3, 4, 3), (2, 2), 'linear', 'half_pixel')
    scaled('linear_one_channel', (1, 1, 6, 7), (2, 2), 'linear', 'half_pixel')
    scaled('linear_1d', (1, 3, 7), (2,), 'linear', 'half_pixel')
    scaled('linear_3d', (1, 2, 2, 3, 4), (2, 2, 2), 'linear', 'half_pixel')
    sized('linear_3d_corners', (1, 2, 2, 3, 4), (3, 5, 7), 'linear', 'align_corners')
    # bicubic
    for place in PLACES:
        scaled(f'cubic_{place}_x2', (1, 2, 4, 5), (2, 2), 'cubic', place, cubic_coeff_a=-0.75)
        sized(f'cubic_{place}_down', (1, 2, 9, 8), (4, 5), 'cubic', place, cubic_coeff_a=-0.75)
    scaled('cubic_sharper', (1, 2, 4, 5), (2, 2), 'cubic', 'half_pixel', cubic_coeff_a=-0.5)
    scaled('cubic_outside_left_out', (1, 2, 4, 5), (2, 2), 'cubic', 'half_pixel', exclude_outside=1)

    def upsample(mode):
        def build(g):
            g.opset = 9
            return g('Upsample', g.x(1, 3, 3, 4), g.c([1.0, 1.0, 2.0, 2.0]), mode=mode)
        return build

    case('upsample_nearest', upsample('nearest'))
    case('upsample_linear', upsample('linear'))

    def as_exported(g):
        """The size of a skip, computed as PyTorch writes it."""
        x, skip = g.x(1, 3, 3, 4), g.x(1, 2, 7, 9)
        size = g('Concat', g('Slice', g('Shape', x), g.c([0]), g.c([2])), g('Slice', g('Shape', skip), g.c([2]), g.c([4])), axis=0)
        return g('Concat', g('Resize', x, None, None, size, mode='linear', coordinate_transformation_mode='half_pixel'), skip, axis=1)

    def then_conv(g):
        x = g('Resize', g.x(1, 4, 4, 3), None, g.c([1.0, 1.0, 2.0, 2.0]), mode='nearest', coordinate_transformation_mode='asymmetric', nearest_mode='floor')
        return g('Conv', x, g.w(5, 4, 3, 3), g.b(5), pads=[1] * 4)

    def then_add(g):
        x = g('Resize', g.x(1, 4, 4, 3), None, g.c([1.0, 1.0, 2.0, 2.0]), mode='nearest', coordinate_transformation_mode='asymmetric', nearest_mode='floor')
        return g('Add', g.x(1, 4, 8, 6), x)

    case('size_as_exported', as_exported)
    case('nearest_then_conv', then_conv)
    case('nearest_then_add', then_add)


def pad(case):
    for mode in ('constant', 'reflect', 'edge'):
        def one(name, shape, pads, value=None):
            case(f'{mode}_{name}', lambda g: g('Pad', g.x(*shape), g.c(pads), g.c(value) if value is not None and mode == 'constant' else None, mode=mode))
        one('plane', (1, 3, 4, 5), [0, 0, 1, 2, 0, 0, 3, 1], 0.5)
        one('plane_zero', (1, 2, 5, 4), [0, 0, 1, 1, 0, 0, 1, 1])
        one('end_only', (1, 3, 4, 4), [0, 0, 0, 0, 0, 0, 1, 1], -1.0)
        one('begin_only', (1, 3, 4, 4), [0, 0, 2, 3, 0, 0, 0, 0], -1.0)
        one('nothing', (1, 3, 4, 4), [0] * 8)
        one('batch_2', (2, 3, 4, 3), [0, 0, 1, 1, 0, 0, 2, 2], 1.0)
        one('1d', (1, 3, 6), [0, 0, 2, 0, 0, 3], 0.25)
        one('2d', (4, 5), [1, 2, 0, 1], 0.25)
        one('3d', (1, 2, 3, 4, 3), [0, 0, 1, 0, 2, 0, 0, 2, 1, 0], 0.25)
        one('channels', (1, 4, 3, 3), [0, 1, 0, 0, 0, 2, 0, 0], 0.25)
    case('edge_one_pixel', lambda g: g('Pad', g.x(1, 3, 1, 1), g.c([0, 0, 2, 1, 0, 0, 1, 3]), mode='edge'))
    case('constant_one_pixel', lambda g: g('Pad', g.x(1, 3, 1, 1), g.c([0, 0, 2, 1, 0, 0, 1, 3])))
    case('constant_negative', lambda g: g('Pad', g.x(1, 3, 5, 6), g.c([0, 0, -1, 1, 0, 0, -2, 0])))
    case('reflect_whole', lambda g: g('Pad', g.x(1, 2, 4, 5), g.c([0, 0, 3, 4, 0, 0, 3, 4]), mode='reflect'))
    case('reflect_then_conv', lambda g: g('Conv', g('Pad', g.x(1, 3, 5, 6), g.c([0, 0, 1, 1, 0, 0, 1, 1]), mode='reflect'), g.w(4, 3, 3, 3), g.b(4)))


def grid_sample(case):
    def one(name, shape, out, mode, opset=17, low=-1.3, high=1.3, **more):
        def build(g):
            g.opset = opset
            return g('GridSample', g.x(*shape), g.x(shape[0], *out, len(out), low=low, high=high), mode=mode, **more)
        case(name, build)

    for border in ('zeros', 'border', 'reflection'):
        for corners in (0, 1):
            more = dict(padding_mode=border, align_corners=corners)
            tail = f'{border}{"_corners" if corners else ""}'
            one(f'bilinear_{tail}', (1, 3, 6, 5), (4, 7), 'bilinear', **more)
            one(f'bilinear_{tail}_far', (1, 2, 4, 5), (5, 4), 'bilinear', low=-4, high=4, **more)
            one(f'nearest_{tail}', (1, 3, 6, 5), (4, 7), 'nearest', **more)
            one(f'nearest_{tail}_far', (1, 2, 4, 5), (5, 4), 'nearest', low=-4, high=4, **more)
            one(f'bicubic_{tail}', (1, 2, 6, 5), (4, 5), 'bicubic', **more)
            one(f'3d_linear_{tail}', (1, 2, 3, 4, 5), (3, 2, 4), 'linear', 20, **more)
            one(f'3d_nearest_{tail}', (1, 2, 3, 4, 5), (3, 2, 4), 'nearest', 20, **more)
    one('bilinear_inside', (1, 4, 7, 9), (6, 5), 'bilinear', low=-0.8, high=0.8)
    one('bilinear_batch_2', (2, 3, 5, 4), (3, 4), 'bilinear')
    one('bilinear_one_channel', (1, 1, 5, 4), (4, 4), 'bilinear')
    one('bilinear_from_one_pixel', (1, 3, 1, 1), (3, 4), 'bilinear', padding_mode='border')
    one('bilinear_to_one_pixel', (1, 5, 4, 6), (1, 1), 'bilinear')
    one('linear_opset_20', (1, 3, 5, 6), (4, 3), 'linear', 20)
    one('3d_linear_batch_2', (2, 2, 3, 3, 4), (2, 3, 2), 'linear', 20)

    def corners_exactly(g):
        """The grid of the picture itself: every value comes back."""
        ys, xs = np.mgrid[-1:1:4j, -1:1:5j]
        return g('GridSample', g.x(1, 3, 4, 5), g.input(np.stack([xs, ys], -1)[None]), align_corners=1)

    def flow(g):
        """A flow in pixels' planes turned into a grid, as networks that animate do."""
        ys, xs = np.mgrid[-0.8:0.8:5j, -0.75:0.75:4j]
        motion = g('Transpose', g('Tanh', g.x(1, 2, 5, 4)), perm=[0, 2, 3, 1])
        return g('GridSample', g.x(1, 3, 5, 4), g('Add', g.c(np.stack([xs, ys], -1)[None]), g('Mul', motion, g.c(0.3))), padding_mode='border')

    case('bilinear_identity', corners_exactly)
    case('bilinear_flow', flow)
    case('bilinear_constant_grid', lambda g: g('GridSample', g.x(1, 3, 5, 6), g.b(1, 4, 4, 2, low=-1.1, high=1.1)))


FAMILIES = (resize, pad, grid_sample)
