"""Convolutions of one, two and three dimensions, and those that widen."""
import numpy as np


def layer(g, c, o, kernel, size, batch=1, groups=1, bias=True, weights=None, op='Conv', **attributes):
    """One layer on an input of its own."""
    x = g.x(batch, c, *size)
    w = g.w(o, c // groups, *kernel) if op == 'Conv' else g.w(c, o // groups, *kernel)
    return g(op, x, w, g.b(o) if bias else None, group=groups, kernel_shape=kernel, **attributes)


def norm(g, y, o):
    return g('BatchNormalization', y, g.b(o, low=0.5, high=1.5), g.b(o), g.b(o), g.b(o, low=0.5, high=1.5), epsilon=1e-5)


def conv(case):
    def plain(name, *shape, **more):
        case(name, lambda g: layer(g, *shape, **more))

    # 1 x 1: a product of matrices, and its edges
    plain('k1', 8, 16, (1, 1), (6, 5))
    plain('k1_odd', 3, 5, (1, 1), (7, 9))
    plain('k1_one_pixel', 12, 7, (1, 1), (1, 1))
    plain('k1_one_channel', 1, 1, (1, 1), (4, 4))
    plain('k1_one_to_many', 1, 9, (1, 1), (3, 5))
    plain('k1_many_to_one', 17, 1, (1, 1), (3, 5))
    plain('k1_stride_2', 8, 8, (1, 1), (7, 6), strides=[2, 2])
    plain('k1_batch_2', 6, 10, (1, 1), (5, 3), batch=2)
    plain('k1_no_bias', 8, 8, (1, 1), (4, 4), bias=False)
    plain('k1_groups_2', 8, 12, (1, 1), (5, 5), groups=2)
    plain('k1_wide', 40, 24, (1, 1), (3, 3))
    plain('k1_padded', 4, 4, (1, 1), (3, 4), pads=[1, 1, 1, 1])
    # 3 x 3
    plain('k3', 8, 8, (3, 3), (8, 8), pads=[1] * 4)
    plain('k3_odd', 5, 7, (3, 3), (9, 11), pads=[1] * 4)
    plain('k3_no_pad', 4, 8, (3, 3), (7, 5))
    plain('k3_one_pixel', 6, 5, (3, 3), (1, 1), pads=[1] * 4)
    plain('k3_one_row', 4, 6, (3, 3), (1, 9), pads=[1] * 4)
    plain('k3_one_column', 4, 6, (3, 3), (9, 1), pads=[1] * 4)
    plain('k3_to_one_pixel', 4, 4, (3, 3), (3, 3))
    plain('k3_one_channel', 1, 1, (3, 3), (6, 7), pads=[1] * 4)
    plain('k3_picture', 3, 8, (3, 3), (16, 16), pads=[1] * 4, strides=[2, 2])
    plain('k3_stride_2_odd', 4, 6, (3, 3), (9, 7), pads=[1] * 4, strides=[2, 2])
    plain('k3_stride_2_asymmetric', 3, 8, (3, 3), (8, 8), pads=[0, 0, 1, 1], strides=[2, 2])
    plain('k3_stride_2_asymmetric_first', 3, 4, (3, 3), (8, 6), pads=[1, 1, 0, 0], strides=[2, 2])
    plain('k3_stride_3', 3, 4, (3, 3), (11, 10), strides=[3, 3])
    plain('k3_stride_4', 2, 4, (3, 3), (13, 9), pads=[1] * 4, strides=[4, 4])
    plain('k3_strides_differ', 4, 4, (3, 3), (9, 8), pads=[1] * 4, strides=[1, 2])
    plain('k3_pads_all_differ', 3, 5, (3, 3), (6, 7), pads=[0, 1, 2, 3])
    plain('k3_pads_beyond_kernel', 2, 3, (3, 3), (4, 4), pads=[3] * 4)
    plain('k3_dilation_2', 4, 6, (3, 3), (9, 9), pads=[2] * 4, dilations=[2, 2])
    plain('k3_dilation_3_no_pad', 3, 4, (3, 3), (9, 10), dilations=[3, 3])
    plain('k3_dilations_differ', 3, 4, (3, 3), (9, 8), pads=[1, 2, 1, 2], dilations=[1, 2])
    plain('k3_dilation_2_stride_2', 4, 4, (3, 3), (10, 9), pads=[2] * 4, dilations=[2, 2], strides=[2, 2])
    plain('k3_batch_2', 4, 6, (3, 3), (5, 6), batch=2, pads=[1] * 4)
    plain('k3_batch_3_odd', 3, 3, (3, 3), (5, 4), batch=3, pads=[1] * 4)
    plain('k3_no_bias', 6, 6, (3, 3), (6, 6), bias=False, pads=[1] * 4)
    plain('k3_groups_2', 6, 8, (3, 3), (6, 7), groups=2, pads=[1] * 4)
    plain('k3_groups_3_odd', 9, 15, (3, 3), (5, 5), groups=3, pads=[1] * 4)
    plain('k3_groups_4_stride_2', 16, 16, (3, 3), (8, 8), groups=4, pads=[1] * 4, strides=[2, 2])
    plain('k3_deep', 36, 6, (3, 3), (5, 5), pads=[1] * 4)
    plain('k3_wide_row', 4, 4, (3, 3), (3, 70), pads=[1] * 4)
    plain('k3_many_out', 4, 67, (3, 3), (4, 4), pads=[1] * 4)
    plain('k3_large_plane', 1, 2, (3, 3), (33, 41), pads=[1] * 4)
    # other kernels
    plain('k2', 4, 6, (2, 2), (7, 6))
    plain('k2_stride_2', 4, 6, (2, 2), (8, 6), strides=[2, 2])
    plain('k4_stride_2', 3, 8, (4, 4), (10, 10), pads=[1] * 4, strides=[2, 2])
    plain('k5', 4, 6, (5, 5), (9, 8), pads=[2] * 4)
    plain('k5_stride_2', 3, 6, (5, 5), (11, 12), pads=[2] * 4, strides=[2, 2])
    plain('k7', 3, 6, (7, 7), (10, 9), pads=[3] * 4)
    plain('k7_stride_2', 3, 8, (7, 7), (14, 15), pads=[3] * 4, strides=[2, 2])
    plain('k7_larger_than_input', 2, 3, (7, 7), (3, 4), pads=[3] * 4)
    plain('k8_stride_4', 3, 8, (8, 8), (16, 20), pads=[2] * 4, strides=[4, 4])
    plain('k1x3', 4, 6, (1, 3), (6, 7), pads=[0, 1, 0, 1])
    plain('k3x1', 4, 6, (3, 1), (7, 6), pads=[1, 0, 1, 0])
    plain('k1x7', 5, 4, (1, 7), (4, 9), pads=[0, 3, 0, 3])
    plain('k5x3_strides_differ', 3, 5, (5, 3), (11, 8), pads=[2, 1, 2, 1], strides=[2, 1])
    plain('k_whole_input', 6, 10, (5, 4), (5, 4))
    # pads left to the runtime
    for auto in ('SAME_UPPER', 'SAME_LOWER', 'VALID'):
        short = auto.lower()
        plain(f'auto_{short}', 3, 4, (3, 3), (8, 7), auto_pad=auto)
        plain(f'auto_{short}_even_kernel', 3, 4, (4, 4), (8, 7), auto_pad=auto)
        plain(f'auto_{short}_stride_2', 3, 4, (3, 3), (8, 7), auto_pad=auto, strides=[2, 2])
        plain(f'auto_{short}_k5_stride_3', 2, 3, (5, 5), (11, 10), auto_pad=auto, strides=[3, 3])
    # each channel alone
    for c, size in ((8, (6, 6)), (5, (7, 9)), (3, (1, 1)), (12, (5, 4))):
        plain(f'depthwise_c{c}_{size[0]}x{size[1]}', c, c, (3, 3), size, groups=c, pads=[1] * 4)
    plain('depthwise_stride_2', 8, 8, (3, 3), (9, 8), groups=8, pads=[1] * 4, strides=[2, 2])
    plain('depthwise_stride_2_asymmetric', 6, 6, (3, 3), (8, 8), groups=6, pads=[0, 0, 1, 1], strides=[2, 2])
    plain('depthwise_k5', 6, 6, (5, 5), (8, 7), groups=6, pads=[2] * 4)
    plain('depthwise_k7', 4, 4, (7, 7), (9, 9), groups=4, pads=[3] * 4)
    plain('depthwise_k5_stride_2', 4, 4, (5, 5), (9, 9), groups=4, pads=[2] * 4, strides=[2, 2])
    plain('depthwise_dilation_2', 6, 6, (3, 3), (8, 8), groups=6, pads=[2] * 4, dilations=[2, 2])
    plain('depthwise_k1x3', 4, 4, (1, 3), (5, 6), groups=4, pads=[0, 1, 0, 1])
    plain('depthwise_k1', 7, 7, (1, 1), (5, 3), groups=7)
    plain('depthwise_no_bias', 8, 8, (3, 3), (5, 5), groups=8, bias=False, pads=[1] * 4)
    plain('depthwise_batch_2', 5, 5, (3, 3), (6, 5), groups=5, batch=2, pads=[1] * 4)
    plain('depthwise_twice', 4, 8, (3, 3), (6, 6), groups=4, pads=[1] * 4)
    plain('depthwise_twice_odd', 3, 6, (3, 3), (7, 5), groups=3, pads=[1] * 4, strides=[2, 2])
    plain('depthwise_thrice', 3, 9, (3, 3), (5, 5), groups=3, pads=[1] * 4)

    # with what follows, which a compiler takes into the same kernel
    base = dict(pads=[1] * 4)

    def followed(name, follow, o=6, kernel=(3, 3), c=4, size=(6, 7), **more):
        case(name, lambda g: follow(g, layer(g, c, o, kernel, size, **{**(base if kernel == (3, 3) else {}), **more})))

    followed('then_relu', lambda g, y: g('Relu', y))
    followed('then_relu_k1', lambda g, y: g('Relu', y), kernel=(1, 1))
    followed('then_clip_6', lambda g, y: g('Clip', y, g.c(0.0), g.c(6.0)))
    followed('then_clip_small', lambda g, y: g('Clip', y, g.c(-0.25), g.c(0.5)))
    followed('then_leaky_relu', lambda g, y: g('LeakyRelu', y, alpha=0.2))
    followed('then_prelu', lambda g, y: g('PRelu', y, g.b(6, 1, 1)))
    followed('then_prelu_shared', lambda g, y: g('PRelu', y, g.c([0.25])))
    followed('then_sigmoid', lambda g, y: g('Sigmoid', y), o=1, kernel=(1, 1))
    followed('then_tanh', lambda g, y: g('Tanh', y))
    followed('then_hard_swish', lambda g, y: g('HardSwish', y))
    followed('then_silu', lambda g, y: g('Mul', y, g('Sigmoid', y)))
    followed('then_norm', lambda g, y: norm(g, y, 6))
    followed('then_norm_no_bias', lambda g, y: norm(g, y, 6), bias=False)
    followed('then_norm_relu', lambda g, y: g('Relu', norm(g, y, 6)), bias=False)
    followed('then_norm_clip_depthwise', lambda g, y: g('Clip', norm(g, y, 5), g.c(0.0), g.c(6.0)), c=5, o=5, groups=5, bias=False)
    followed('then_scale', lambda g, y: g('Mul', y, g.b(1, 6, 1, 1)))
    followed('then_shift', lambda g, y: g('Add', y, g.b(1, 6, 1, 1)), bias=False)
    followed('then_scale_shift_relu', lambda g, y: g('Relu', g('Add', g('Mul', y, g.b(6, 1, 1)), g.b(6, 1, 1))), bias=False)
    followed('then_add', lambda g, y: g('Add', y, g.x(1, 6, 6, 7)))
    followed('then_add_first', lambda g, y: g('Add', g.x(1, 6, 6, 7), y))
    followed('then_add_relu', lambda g, y: g('Relu', g('Add', y, g.x(1, 6, 6, 7))))
    followed('then_relu_add', lambda g, y: g('Add', g('Relu', y), g.x(1, 6, 6, 7)))
    followed('then_add_relu_k1', lambda g, y: g('Relu', g('Add', y, g.x(1, 6, 6, 7))), kernel=(1, 1))
    followed('then_add_itself', lambda g, y: g('Add', y, y))
    followed('then_add_broadcast', lambda g, y: g('Add', y, g.x(1, 6, 1, 1)))
    followed('then_gate', lambda g, y: g('Mul', g.x(1, 6, 6, 7), g('Sigmoid', y)))
    followed('twice_used', lambda g, y: [g('Relu', y), g('Tanh', y)])
    followed('also_an_output', lambda g, y: [y, g('Relu', y)])

    def prelu_idiom(g):
        """PRelu as some exporters write it: relu(x) - a * relu(-x)."""
        y = layer(g, 4, 6, (3, 3), (5, 6), **base)
        return g('Add', g('Relu', y), g('Mul', g.b(6, 1, 1), g('Neg', g('Relu', g('Neg', y)))))

    def residual(g):
        x = g.x(1, 8, 6, 5)
        y = g('Relu', g('Conv', x, g.w(8, 8, 3, 3), g.b(8), pads=[1] * 4))
        y = g('Conv', y, g.w(8, 8, 3, 3), g.b(8), pads=[1] * 4)
        return g('Relu', g('Add', y, x))

    def inverted_residual(g):
        x = g.x(1, 4, 6, 5)
        y = g('Clip', g('Conv', x, g.w(12, 4, 1, 1), g.b(12)), g.c(0.0), g.c(6.0))
        y = g('Clip', g('Conv', y, g.w(12, 1, 3, 3), g.b(12), pads=[1] * 4, group=12), g.c(0.0), g.c(6.0))
        return g('Add', x, g('Conv', y, g.w(4, 12, 1, 1), g.b(4)))

    def squeeze_and_excite(g):
        x = g.x(1, 8, 5, 6)
        s = g('Relu', g('Conv', g('GlobalAveragePool', x), g.w(3, 8, 1, 1), g.b(3)))
        s = g('HardSigmoid', g('Conv', s, g.w(8, 3, 1, 1), g.b(8)), alpha=1 / 6, beta=0.5)
        return g('Mul', x, s)

    def pad_before(g):
        x = g('Pad', g.x(1, 3, 7, 6), g.c([0, 0, 1, 1, 0, 0, 2, 2]), g.c(0.0))
        return g('Conv', x, g.w(4, 3, 3, 3), g.b(4), strides=[2, 2])

    def weights_at_run_time(g):
        return g('Conv', g.x(1, 3, 6, 6), g.x(4, 3, 3, 3), pads=[1] * 4)

    def half_weights(g):
        """Weights kept as f16 and cast, as our own networks keep them."""
        w = g('Cast', g.c(g.random.uniform(-0.5, 0.5, (6, 4, 3, 3)), np.float16), to=1)
        b = g('Cast', g.c(g.random.uniform(-0.5, 0.5, 6), np.float16), to=1)
        return g('Conv', g.x(1, 4, 5, 6), w, b, pads=[1] * 4)

    case('bias_named_empty', lambda g: g('Conv', g.x(1, 3, 5, 4), g.w(4, 3, 3, 3), '', pads=[1] * 4))
    case('then_prelu_idiom', prelu_idiom)
    case('residual', residual)
    case('inverted_residual', inverted_residual)
    case('squeeze_and_excite', squeeze_and_excite)
    case('pad_before', pad_before)
    case('weights_at_run_time', weights_at_run_time)
    case('half_weights', half_weights)


def conv1d(case):
    for name, shape, more in (
        ('k1', (6, 5, (1,), (9,)), {}),
        ('k3', (4, 8, (3,), (11,)), dict(pads=[1, 1])),
        ('k5_stride_2', (3, 6, (5,), (16,)), dict(pads=[2, 2], strides=[2])),
        ('k10_stride_5', (1, 7, (10,), (50,)), dict(strides=[5])),
        ('dilation_3', (4, 4, (3,), (14,)), dict(pads=[3, 3], dilations=[3])),
        ('causal', (4, 6, (3,), (9,)), dict(pads=[2, 0])),
        ('depthwise', (6, 6, (5,), (12,)), dict(pads=[2, 2], groups=6)),
        ('groups_2', (6, 4, (3,), (8,)), dict(pads=[1, 1], groups=2)),
        ('batch_2', (3, 5, (3,), (7,)), dict(batch=2, pads=[1, 1])),
        ('same_upper', (3, 4, (4,), (9,)), dict(auto_pad='SAME_UPPER', strides=[2])),
        ('one_value', (5, 3, (3,), (1,)), dict(pads=[1, 1])),
        ('no_bias', (5, 3, (3,), (6,)), dict(bias=False)),
    ):
        case(name, lambda g: layer(g, *shape, **more))
    case('then_relu', lambda g: g('Relu', layer(g, 4, 6, (3,), (9,), pads=[1, 1])))


def conv3d(case):
    for name, shape, more in (
        ('k1', (4, 6, (1, 1, 1), (3, 4, 5)), {}),
        ('k3', (2, 4, (3, 3, 3), (4, 5, 6)), dict(pads=[1] * 6)),
        ('k3_odd', (3, 5, (3, 3, 3), (3, 5, 4)), dict(pads=[1] * 6)),
        ('k3_stride_2', (2, 3, (3, 3, 3), (5, 6, 7)), dict(pads=[1] * 6, strides=[2, 2, 2])),
        ('k1x3x3', (3, 4, (1, 3, 3), (4, 5, 5)), dict(pads=[0, 1, 1, 0, 1, 1])),
        ('k3x1x1', (3, 4, (3, 1, 1), (5, 3, 4)), dict(pads=[1, 0, 0, 1, 0, 0])),
        ('k7', (1, 2, (7, 7, 7), (4, 4, 4)), dict(pads=[3] * 6)),
        ('dilation_2', (2, 2, (3, 3, 3), (5, 6, 5)), dict(pads=[2] * 6, dilations=[2, 2, 2])),
        ('depthwise', (4, 4, (3, 3, 3), (3, 4, 4)), dict(pads=[1] * 6, groups=4)),
        ('groups_2', (4, 6, (3, 3, 3), (3, 4, 3)), dict(pads=[1] * 6, groups=2)),
        ('one_voxel', (4, 3, (3, 3, 3), (1, 1, 1)), dict(pads=[1] * 6)),
        ('batch_2', (2, 3, (3, 3, 3), (3, 3, 4)), dict(batch=2, pads=[1] * 6)),
        ('no_bias', (2, 3, (2, 2, 2), (3, 4, 5)), dict(bias=False)),
        ('asymmetric', (2, 3, (3, 3, 3), (4, 4, 4)), dict(pads=[0, 1, 0, 1, 0, 2])),
    ):
        case(name, lambda g: layer(g, *shape, **more))
    case('then_norm_relu', lambda g: g('Relu', norm(g, layer(g, 3, 5, (3, 3, 3), (3, 4, 4), pads=[1] * 6, bias=False), 5)))


def conv_transpose(case):
    for name, shape, more in (
        ('k2_s2', (6, 4, (2, 2), (4, 5)), dict(strides=[2, 2])),
        ('k2_s2_odd', (5, 7, (2, 2), (3, 7)), dict(strides=[2, 2])),
        ('k2_s2_one_pixel', (6, 3, (2, 2), (1, 1)), dict(strides=[2, 2])),
        ('k2_s2_no_bias', (4, 4, (2, 2), (3, 3)), dict(strides=[2, 2], bias=False)),
        ('k2_s2_batch_2', (3, 4, (2, 2), (3, 4)), dict(strides=[2, 2], batch=2)),
        ('k4_s2_p1', (4, 6, (4, 4), (4, 5)), dict(strides=[2, 2], pads=[1] * 4)),
        ('k4_s2_p1_odd', (3, 5, (4, 4), (3, 3)), dict(strides=[2, 2], pads=[1] * 4)),
        ('k4_s2_p1_one_channel', (1, 1, (4, 4), (5, 4)), dict(strides=[2, 2], pads=[1] * 4)),
        ('k3_s2_output_padding', (4, 5, (3, 3), (4, 3)), dict(strides=[2, 2], pads=[1] * 4, output_padding=[1, 1])),
        ('k3_s2', (4, 5, (3, 3), (4, 3)), dict(strides=[2, 2], pads=[1] * 4)),
        ('k3_s1', (4, 6, (3, 3), (5, 4)), dict(pads=[1] * 4)),
        ('k3_s1_no_pad', (3, 4, (3, 3), (4, 4)), {}),
        ('k1', (5, 4, (1, 1), (4, 3)), {}),
        ('k1_s2', (3, 4, (1, 1), (4, 3)), dict(strides=[2, 2])),
        ('k5_s3', (2, 3, (5, 5), (4, 3)), dict(strides=[3, 3], pads=[1] * 4)),
        ('k3_s3', (3, 4, (3, 3), (3, 4)), dict(strides=[3, 3])),
        ('k2_s4', (3, 2, (2, 2), (3, 3)), dict(strides=[4, 4])),
        ('k8_s4_p2', (2, 3, (8, 8), (3, 4)), dict(strides=[4, 4], pads=[2] * 4)),
        ('groups_2', (4, 6, (4, 4), (3, 4)), dict(strides=[2, 2], pads=[1] * 4, groups=2)),
        ('depthwise', (5, 5, (4, 4), (3, 4)), dict(strides=[2, 2], pads=[1] * 4, groups=5)),
        ('dilation_2', (3, 4, (3, 3), (4, 5)), dict(dilations=[2, 2])),
        ('dilation_2_s2', (3, 3, (3, 3), (4, 4)), dict(dilations=[2, 2], strides=[2, 2], pads=[1] * 4)),
        ('asymmetric', (3, 4, (3, 3), (4, 4)), dict(strides=[2, 2], pads=[0, 0, 1, 1])),
        ('asymmetric_first', (3, 4, (3, 3), (4, 4)), dict(strides=[2, 2], pads=[1, 1, 0, 0])),
        ('strides_differ', (3, 4, (3, 4), (4, 3)), dict(strides=[1, 2], pads=[1, 1, 1, 1])),
        ('k1x4', (3, 4, (1, 4), (3, 4)), dict(strides=[1, 2], pads=[0, 1, 0, 1])),
        ('same_upper', (3, 4, (3, 3), (4, 3)), dict(strides=[2, 2], auto_pad='SAME_UPPER')),
        ('same_lower', (3, 4, (3, 3), (4, 3)), dict(strides=[2, 2], auto_pad='SAME_LOWER')),
        ('output_shape', (3, 4, (3, 3), (4, 3)), dict(strides=[2, 2], output_shape=[8, 6])),
        ('1d_k4_s2', (3, 4, (4,), (7,)), dict(strides=[2], pads=[1, 1])),
        ('3d_k2_s2', (2, 3, (2, 2, 2), (2, 3, 2)), dict(strides=[2, 2, 2])),
    ):
        case(name, lambda g: layer(g, *shape, op='ConvTranspose', **more))
    case('then_relu', lambda g: g('Relu', layer(g, 4, 3, (2, 2), (4, 3), op='ConvTranspose', strides=[2, 2])))
    case('then_norm_relu', lambda g: g('Relu', norm(g, layer(g, 4, 3, (4, 4), (4, 3), op='ConvTranspose', strides=[2, 2], pads=[1] * 4, bias=False), 3)))
    case('then_add', lambda g: g('Add', layer(g, 4, 3, (2, 2), (4, 3), op='ConvTranspose', strides=[2, 2]), g.x(1, 3, 8, 6)))


FAMILIES = (conv, conv1d, conv3d, conv_transpose)
