"""Many values to one, and values made alike: pools, sums, softmax, norms."""
import numpy as np


def pool(case):
    def both(name, size, c=3, batch=1, opset=17, **attributes):
        for op, short in (('MaxPool', 'max'), ('AveragePool', 'average')):
            def build(g):
                g.opset = opset
                return g(op, g.x(batch, c, *size), **attributes)
            case(f'{short}_{name}', build)

    both('k2_s2', (6, 8), kernel_shape=[2, 2], strides=[2, 2])
    both('k2_s2_odd', (7, 5), c=5, kernel_shape=[2, 2], strides=[2, 2])
    both('k2_s1', (5, 4), kernel_shape=[2, 2])
    both('k3_s1_p1', (5, 6), c=4, kernel_shape=[3, 3], pads=[1] * 4)
    both('k3_s2_p1', (7, 8), kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    both('k3_s3', (9, 7), kernel_shape=[3, 3], strides=[3, 3])
    both('k5_p2', (6, 6), kernel_shape=[5, 5], pads=[2] * 4)
    both('k3x2_strides_differ', (8, 7), kernel_shape=[3, 2], strides=[2, 1])
    both('one_pixel', (1, 1), c=5, kernel_shape=[3, 3], pads=[1] * 4)
    both('k1_s2', (6, 5), kernel_shape=[1, 1], strides=[2, 2])
    both('whole', (4, 5), c=6, kernel_shape=[4, 5])
    both('asymmetric', (6, 6), kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
    both('ceil', (7, 6), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    both('ceil_k3_s2', (8, 6), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    both('same_upper', (7, 6), kernel_shape=[3, 3], strides=[2, 2], auto_pad='SAME_UPPER')
    both('same_lower', (7, 6), kernel_shape=[2, 2], strides=[2, 2], auto_pad='SAME_LOWER')
    both('same_upper_k2_s1', (5, 4), kernel_shape=[2, 2], auto_pad='SAME_UPPER')
    both('batch_2', (5, 6), c=3, batch=2, kernel_shape=[3, 3], strides=[2, 2])
    both('1d', (11,), kernel_shape=[3], strides=[2])
    both('1d_padded', (9,), kernel_shape=[3], strides=[1], pads=[1, 1])
    both('3d', (4, 5, 6), c=2, kernel_shape=[2, 2, 2], strides=[2, 2, 2])
    both('3d_k1x2x2', (3, 4, 6), c=3, kernel_shape=[1, 2, 2], strides=[1, 2, 2])
    both('3d_padded', (3, 4, 4), c=2, kernel_shape=[3, 3, 3], strides=[2, 2, 2], pads=[1] * 6)
    case('max_dilation_2', lambda g: g('MaxPool', g.x(1, 3, 8, 9), kernel_shape=[3, 3], dilations=[2, 2]))
    case('max_dilation_2_p2_s2', lambda g: g('MaxPool', g.x(1, 3, 8, 9), kernel_shape=[3, 3], dilations=[2, 2], pads=[2] * 4, strides=[2, 2]))
    case('max_all_negative', lambda g: g('MaxPool', g.x(1, 2, 5, 5, low=-9, high=-8), kernel_shape=[3, 3], pads=[1] * 4))
    for name, pads, ceil in (('padded', [1] * 4, 0), ('asymmetric', [0, 0, 1, 1], 0), ('ceil', [1] * 4, 1)):
        # With ceil_mode the rule changed at opset 19: before, runtimes differed.
        def build(g):
            g.opset = 19 if ceil else 17
            return g('AveragePool', g.x(1, 3, 6, 7), kernel_shape=[3, 3], strides=[2, 2], pads=pads, ceil_mode=ceil, count_include_pad=1)
        case(f'average_{name}_counted', build)
    case('average_k3_p1_counted', lambda g: g('AveragePool', g.x(1, 4, 5, 5), kernel_shape=[3, 3], pads=[1] * 4, count_include_pad=1))
    case('average_3d_counted', lambda g: g('AveragePool', g.x(1, 2, 3, 4, 4), kernel_shape=[3, 3, 3], pads=[1] * 6, count_include_pad=1))
    for op in ('GlobalAveragePool', 'GlobalMaxPool'):
        for name, shape in (('', (1, 6, 5, 7)), ('_one_pixel', (1, 5, 1, 1)), ('_one_channel', (1, 1, 8, 9)), ('_batch_2', (2, 3, 4, 4)), ('_1d', (1, 4, 9)), ('_3d', (1, 3, 3, 4, 5)), ('_large', (1, 2, 20, 31))):
            case(f'{op.lower()}{name}', lambda g: g(op, g.x(*shape)))


def reduce(case):
    def some(op, low=-1.0, high=1.0):
        short = op.removeprefix('Reduce').lower()

        def one(name, shape, axes, keep=1):
            def build(g):
                x = g.x(*shape, low=low, high=high)
                if op == 'ReduceSum':  # the only one whose axes are an input at opset 17
                    return g(op, x, g.c(axes) if axes else None, keepdims=keep)
                return g(op, x, keepdims=keep, **({'axes': axes} if axes else {}))
            case(f'{short}_{name}', build)

        one('last', (3, 4, 5), [2])
        one('last_dropped', (3, 4, 5), [-1], 0)
        one('first', (4, 3, 5), [0])
        one('middle_dropped', (3, 4, 5), [1], 0)
        one('channels', (1, 6, 4, 5), [1])
        one('plane', (1, 5, 6, 7), [2, 3])
        one('plane_dropped', (2, 3, 4, 5), [-2, -1], 0)
        one('apart', (3, 4, 5), [0, 2], 0)
        one('all', (2, 3, 4), None)
        one('all_dropped', (2, 3, 4), None, 0)

    for op in ('ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceL2', 'ReduceSumSquare'):
        some(op)
    some('ReduceProd', 0.6, 1.4)
    for op, low in (('ReduceL1', -1), ('ReduceLogSum', 0.1), ('ReduceLogSumExp', -1)):
        case(f'{op.removeprefix("Reduce").lower()}_last', lambda g: g(op, g.x(3, 4, 5, low=low), axes=[2]))
    case('mean_5d_plane', lambda g: g('ReduceMean', g.x(1, 3, 2, 4, 5), axes=[2, 3, 4]))
    case('mean_long', lambda g: g('ReduceMean', g.x(1, 700), axes=[1]))
    case('mean_one_value', lambda g: g('ReduceMean', g.x(1, 5, 1, 1), axes=[2, 3]))

    def axes_as_input(g):
        g.opset = 18
        return g('ReduceMean', g.x(2, 3, 4, 5), g.c([2, 3]), keepdims=0)

    case('mean_axes_as_input', axes_as_input)


def softmax(case):
    for op in ('Softmax', 'LogSoftmax'):
        short = op.lower()
        for shape in ((3, 7), (2, 3, 4, 5)):
            for axis in range(len(shape)):
                case(f'{short}_{len(shape)}d_axis_{axis}', lambda g: g(op, g.x(*shape, low=-3, high=3), axis=axis))
        case(f'{short}_axis_unsaid', lambda g: g(op, g.x(2, 3, 4)))
        case(f'{short}_vector', lambda g: g(op, g.x(9), axis=0))
        case(f'{short}_one_value', lambda g: g(op, g.x(4, 1), axis=1))
        case(f'{short}_large_values', lambda g: g(op, g.x(3, 6, low=-200, high=200), axis=-1))
        case(f'{short}_all_low', lambda g: g(op, g.x(3, 6, low=-1001, high=-1000), axis=-1))
        case(f'{short}_long', lambda g: g(op, g.x(2, 300, low=-4, high=4), axis=-1))
        case(f'{short}_plane', lambda g: g('Reshape', g(op, g('Reshape', g.x(1, 4, 5, 6), g.c([1, 4, 30])), axis=2), g.c([1, 4, 5, 6])))

    def before_opset_13(g):
        """There all axes from the given one on are one."""
        g.opset = 11
        return g('Softmax', g.x(2, 3, 4), axis=1)

    case('softmax_before_opset_13', before_opset_13)


def norm(case):
    def instance(name, *shape, epsilon=1e-5):
        case(f'instance_{name}', lambda g: g('InstanceNormalization', g.x(*shape), g.b(shape[1], low=0.5, high=1.5), g.b(shape[1]), epsilon=epsilon))

    instance('2d', 1, 4, 6, 5)
    instance('odd', 1, 5, 7, 9)
    instance('batch_2', 2, 3, 4, 5)
    instance('1d', 1, 4, 11)
    instance('3d', 1, 3, 3, 4, 5)
    instance('one_channel', 1, 1, 8, 8)
    instance('one_pixel', 1, 4, 1, 1)
    instance('epsilon', 1, 3, 5, 5, epsilon=0.1)
    instance('large', 1, 2, 24, 23)
    case('instance_far_from_zero', lambda g: g('InstanceNormalization', g.x(1, 3, 6, 6, low=99, high=101), g.b(3, low=0.5, high=1.5), g.b(3)))
    case('instance_then_relu', lambda g: g('Relu', g('InstanceNormalization', g.x(1, 4, 6, 5), g.b(4, low=0.5, high=1.5), g.b(4))))

    def layer(name, shape, axis=-1, bias=True, epsilon=1e-5):
        inner = shape[axis:]
        case(f'layer_{name}', lambda g: g('LayerNormalization', g.x(*shape), g.b(*inner, low=0.5, high=1.5), g.b(*inner) if bias else None, axis=axis, epsilon=epsilon))

    layer('last', (2, 5, 8))
    layer('odd', (3, 7))
    layer('no_bias', (2, 3, 6), bias=False)
    layer('two_axes', (2, 3, 4, 5), axis=-2)
    layer('from_1', (2, 3, 4, 5), axis=1)
    layer('epsilon', (2, 6), epsilon=0.1)
    layer('long', (2, 200))

    def layer_idiom(g):
        x = g.x(2, 5, 8)
        d = g('Sub', x, g('ReduceMean', x, axes=[-1]))
        s = g('Sqrt', g('Add', g('ReduceMean', g('Pow', d, g.c(2.0)), axes=[-1]), g.c(1e-5)))
        return g('Add', g('Mul', g('Div', d, s), g.b(8, low=0.5, high=1.5)), g.b(8))

    def layer_over_channels(g):
        x = g('Transpose', g.x(1, 6, 4, 5), perm=[0, 2, 3, 1])
        return g('Transpose', g('LayerNormalization', x, g.b(6, low=0.5, high=1.5), g.b(6), axis=-1), perm=[0, 3, 1, 2])

    def group(groups, *shape):
        def build(g):
            """As PyTorch exports it: instance norm of the reshaped, then scale and shift."""
            n, c = shape[:2]
            y = g('Reshape', g.x(*shape), g.c([0, groups, -1]))
            y = g('InstanceNormalization', y, g.c(np.ones(groups)), g.c(np.zeros(groups)), epsilon=1e-5)
            y = g('Reshape', y, g.c(list(shape)))
            ones = [1] * (len(shape) - 2)
            return g('Add', g('Mul', y, g.b(c, *ones, low=0.5, high=1.5)), g.b(c, *ones))
        return build

    def unit_length(axis, *shape):
        def build(g):
            x = g.x(*shape)
            length = g('Clip', g('ReduceL2', x, axes=[axis]), g.c(1e-12))
            return g('Div', x, g('Expand', length, g.c(list(shape))))
        return build

    case('layer_idiom', layer_idiom)
    case('layer_over_channels', layer_over_channels)
    case('group_2', group(2, 1, 6, 4, 5))
    case('group_3_batch_2', group(3, 2, 6, 3, 3))
    case('group_1d', group(2, 1, 4, 9))
    case('group_of_one_channel', group(5, 1, 5, 4, 3))
    case('unit_length_idiom', unit_length(1, 2, 6, 3, 4))
    case('unit_length_idiom_last', unit_length(-1, 3, 7))
    case('lp_2', lambda g: g('LpNormalization', g.x(2, 6, 3), axis=1, p=2))
    case('lp_1', lambda g: g('LpNormalization', g.x(3, 7), axis=-1, p=1))

    def batch(name, *shape, epsilon=1e-5):
        c = shape[1]
        case(f'batch_{name}', lambda g: g('BatchNormalization', g.x(*shape), g.b(c, low=0.5, high=1.5), g.b(c), g.b(c), g.b(c, low=0.5, high=1.5), epsilon=epsilon))

    batch('2d', 1, 5, 4, 6)
    batch('batch_2', 2, 3, 4, 4)
    batch('of_vectors', 3, 7)
    batch('1d', 1, 4, 9)
    batch('3d', 1, 3, 2, 4, 3)
    batch('epsilon', 1, 4, 3, 3, epsilon=0.1)
    case('batch_then_relu', lambda g: g('Relu', g('BatchNormalization', g.x(1, 4, 5, 3), g.b(4, low=0.5, high=1.5), g.b(4), g.b(4), g.b(4, low=0.5, high=1.5))))
    case('batch_before_conv', lambda g: g('Conv', g('BatchNormalization', g.x(1, 4, 5, 6), g.b(4, low=0.5, high=1.5), g.b(4), g.b(4), g.b(4, low=0.5, high=1.5)), g.w(5, 4, 3, 3), g.b(5), pads=[1] * 4))


FAMILIES = (pool, reduce, softmax, norm)
