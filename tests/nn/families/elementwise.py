"""One value from one, two or three, with every way in which shapes meet."""
import numpy as np


def unary(case):
    def one(op, low=-3.0, high=3.0, name=None, **attributes):
        case(name or op.lower(), lambda g: g(op, g.x(2, 3, 5, low=low, high=high), **attributes))

    for op in ('Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Softplus', 'Softsign', 'ThresholdedRelu', 'Exp', 'Abs', 'Neg', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos', 'Erf', 'Sign', 'Identity'):
        one(op)
    for op, low, high in (('Log', 0.01, 9), ('Sqrt', 0, 9), ('Reciprocal', 0.2, 5), ('Tan', -1.2, 1.2), ('Asin', -0.99, 0.99), ('Acos', -0.99, 0.99), ('Atan', -9, 9), ('Sinh', -3, 3), ('Cosh', -3, 3), ('Asinh', -9, 9), ('Acosh', 1.01, 9), ('Atanh', -0.95, 0.95)):
        one(op, low, high)
    one('Reciprocal', -5, -0.2, name='reciprocal_negative')
    one('LeakyRelu', name='leakyrelu_02', alpha=0.2)
    one('LeakyRelu', name='leakyrelu_above_1', alpha=1.5)
    one('Elu', name='elu_half', alpha=0.5)
    one('HardSigmoid', name='hardsigmoid_sixth', alpha=1 / 6, beta=0.5, low=-5, high=5)
    for op in ('Sigmoid', 'Tanh', 'Softplus', 'Erf', 'HardSwish', 'Elu'):
        one(op, -90, 90, name=f'{op.lower()}_far')
    one('Sin', -60, 60, name='sin_far')
    case('round_halves', lambda g: g('Round', g.input(np.arange(-4.5, 5, 0.5))))
    case('sign_of_zero', lambda g: g('Sign', g.input([-2, -0.0, 0, 3])))
    case('relu_one_value', lambda g: g('Relu', g.input([[-0.5]])))
    case('relu_scalar', lambda g: g('Relu', g.input(0.5)))
    case('relu_4d_odd', lambda g: g('Relu', g.x(1, 5, 7, 3)))
    case('relu_6d', lambda g: g('Relu', g.x(1, 2, 1, 3, 2, 2)))
    case('relu_twice', lambda g: g('Relu', g('Relu', g.x(3, 4))))
    # limits on one side, both, neither
    case('clip_both', lambda g: g('Clip', g.x(3, 5, low=-3, high=3), g.c(-1.0), g.c(1.5)))
    case('clip_low', lambda g: g('Clip', g.x(3, 5, low=-3, high=3), g.c(-1.0)))
    case('clip_high', lambda g: g('Clip', g.x(3, 5, low=-3, high=3), None, g.c(1.5)))
    case('clip_neither', lambda g: g('Clip', g.x(3, 5, low=-3, high=3)))
    case('clip_6', lambda g: g('Clip', g.x(3, 5, low=-9, high=9), g.c(0.0), g.c(6.0)))

    def clip_of_old(g):
        g.opset = 6
        return g('Clip', g.x(3, 5, low=-3, high=3), min=-1.0, max=1.0)

    case('clip_opset_6', clip_of_old)
    # what exporters make of activations
    def idiom(name, build, low=-4.0, high=4.0):
        case(name, lambda g: build(g, g.x(2, 3, 5, low=low, high=high)))

    idiom('gelu_erf', lambda g, x: g('Mul', g('Mul', x, g('Add', g('Erf', g('Div', x, g.c(2**0.5))), g.c(1.0))), g.c(0.5)))
    idiom('gelu_tanh', lambda g, x: g('Mul', g('Mul', x, g.c(0.5)), g('Add', g.c(1.0), g('Tanh', g('Mul', g('Add', x, g('Mul', g('Pow', x, g.c(3.0)), g.c(0.044715))), g.c((2 / np.pi) ** 0.5))))))
    idiom('silu', lambda g, x: g('Mul', x, g('Sigmoid', x)))
    idiom('mish', lambda g, x: g('Mul', x, g('Tanh', g('Softplus', x))))
    idiom('swish_scaled', lambda g, x: g('Mul', x, g('Sigmoid', g('Mul', x, g.c(1.702)))))
    idiom('hard_swish_clip', lambda g, x: g('Div', g('Mul', x, g('Clip', g('Add', x, g.c(3.0)), g.c(0.0), g.c(6.0))), g.c(6.0)))
    idiom('hard_sigmoid_clip', lambda g, x: g('Div', g('Clip', g('Add', x, g.c(3.0)), g.c(0.0), g.c(6.0)), g.c(6.0)))
    idiom('square', lambda g, x: g('Mul', x, x))
    idiom('to_unit_range', lambda g, x: g('Div', g('Sub', x, g.c(0.5)), g.c(0.25)))
    idiom('long_chain', lambda g, x: g('Abs', g('Sub', g('Exp', g('Neg', g('Sqrt', g('Add', g('Mul', x, x), g.c(0.1))))), g('Cos', g('Tanh', x)))))

    def newer(op, **attributes):
        def build(g):
            g.opset = 20
            return g(op, g.x(2, 3, 5, low=-4, high=4), **attributes)
        return build

    case('gelu_opset_20', newer('Gelu'))
    case('gelu_opset_20_tanh', newer('Gelu', approximate='tanh'))
    case('mish_opset_18', newer('Mish'))
    # a slope for each channel, for all, for each value
    for name, shape in (('channels', (4, 1, 1)), ('shared', (1,)), ('all_alike', (1, 1, 1)), ('each', (4, 3, 5))):
        case(f'prelu_{name}', lambda g: g('PRelu', g.x(1, 4, 3, 5), g.b(*shape)))
    case('prelu_run_time', lambda g: g('PRelu', g.x(1, 4, 3, 5), g.x(4, 1, 1)))
    case('prelu_2d', lambda g: g('PRelu', g.x(3, 5), g.b(5)))


MEETINGS = {
    'same': ((2, 3, 4, 5), (2, 3, 4, 5)),
    'scalar': ((2, 3, 4), ()),
    'one': ((2, 3, 4), (1,)),
    'channels': ((1, 5, 3, 4), (5, 1, 1)),
    'channels_4d': ((1, 5, 3, 4), (1, 5, 1, 1)),
    'plane': ((1, 5, 3, 4), (1, 1, 3, 4)),
    'last': ((2, 3, 4, 5), (5,)),
    'rows': ((1, 3, 4, 5), (1, 3, 4, 1)),
    'columns': ((1, 3, 4, 5), (1, 3, 1, 5)),
    'batch': ((2, 3, 4, 5), (2, 1, 1, 1)),
    'over_batch': ((2, 3, 4, 5), (1, 3, 4, 5)),
    'both_ways': ((3, 1, 5), (1, 4, 1)),
    'both_ways_4d': ((2, 1, 4, 1), (1, 3, 1, 5)),
    'two_one': ((3, 4), (2, 1, 4)),
    '5d': ((1, 2, 3, 2, 4), (1, 2, 1, 1, 1)),
    'vectors': ((7,), (7,)),
}


def binary(case):
    for op in ('Add', 'Sub', 'Mul', 'Div'):
        for name, (a, b) in MEETINGS.items():
            low = 0.5 if op == 'Div' else -1  # nothing divided by next to nothing
            case(f'{op.lower()}_{name}', lambda g: g(op, g.x(*a), g.x(*b, low=low, high=2)))
            if a != b and op in ('Sub', 'Div'):
                case(f'{op.lower()}_{name}_turned', lambda g: g(op, g.x(*b), g.x(*a, low=low, high=2)))
            if name in ('same', 'scalar', 'one', 'channels', 'channels_4d', 'last'):
                case(f'{op.lower()}_{name}_constant', lambda g: g(op, g.x(*a), g.b(*b, low=low, high=2)))
                case(f'{op.lower()}_constant_{name}', lambda g: g(op, g.b(*b), g.x(*a, low=low, high=2)))
    for op in ('Min', 'Max', 'Mean', 'Sum'):
        case(f'{op.lower()}_same', lambda g: g(op, g.x(2, 3, 4), g.x(2, 3, 4)))
        case(f'{op.lower()}_three', lambda g: g(op, g.x(3, 4), g.x(3, 1), g.x(4)))
        case(f'{op.lower()}_one_alone', lambda g: g(op, g.x(3, 4)))
    for op in ('Min', 'Max'):
        case(f'{op.lower()}_scalar', lambda g: g(op, g.x(2, 3, 4), g.c(0.25)))
        case(f'{op.lower()}_channels', lambda g: g(op, g.x(1, 5, 3, 4), g.x(5, 1, 1)))
    for exponent in (0.0, 0.5, 1.0, 2.0, 3.0, -1.0, 2.5):
        case(f'pow_{exponent}', lambda g: g('Pow', g.x(2, 3, 4, low=0.2, high=2), g.c(exponent)))
    for exponent in (2.0, 3.0, 4.0):
        case(f'pow_{exponent}_of_negative', lambda g: g('Pow', g.x(2, 3, 4, low=-2, high=2), g.c(exponent)))
    case('pow_run_time', lambda g: g('Pow', g.x(2, 3, 4, low=0.2, high=2), g.x(3, 1, low=-2, high=2)))
    case('pow_of_constant', lambda g: g('Pow', g.c(2.0), g.x(2, 3)))
    case('pow_whole_exponent', lambda g: g('Pow', g.x(2, 3), g.c(2)))
    case('add_itself', lambda g: (lambda x: g('Add', x, x))(g.x(2, 3)))
    case('sub_itself', lambda g: (lambda x: g('Sub', x, x))(g.x(2, 3)))
    case('add_chain', lambda g: g('Add', g('Add', g.x(1, 3, 4, 5), g.x(1, 3, 4, 5)), g('Add', g.x(1, 3, 1, 1), g.x(5))))
    case('mul_pooled', lambda g: (lambda x: g('Mul', x, g('Sigmoid', g('GlobalAveragePool', x))))(g.x(1, 6, 4, 5)))
    case('blend', lambda g: (lambda m, a, b: g('Add', g('Mul', a, m), g('Mul', b, g('Sub', g.c(1.0), m))))(g.x(1, 1, 4, 5, low=0), g.x(1, 3, 4, 5), g.x(1, 3, 4, 5)))
    case('fmod', lambda g: g('Mod', g.x(3, 4, low=-5, high=5), g.x(3, 4, low=0.7, high=2), fmod=1))


def where(case):
    for op in ('Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal'):
        def build(g):
            a, b = g.input(np.round(g.random.uniform(-2, 2, (3, 4)))), g.input(np.round(g.random.uniform(-2, 2, (3, 4))))
            return g('Where', g(op, a, b), a, g.x(3, 4))
        case(f'{op.lower()}', build)
        case(f'{op.lower()}_scalar', lambda g: (lambda x: g('Where', g(op, x, g.c(0.0)), x, g.c(-1.0)))(g.input(np.round(g.random.uniform(-2, 2, (2, 3, 4))))))
    case('not', lambda g: (lambda x: g('Where', g('Not', g('Greater', x, g.c(0.0))), x, g('Neg', x)))(g.x(3, 4)))
    for op in ('And', 'Or', 'Xor'):
        case(op.lower(), lambda g: (lambda x, y: g('Where', g(op, g('Greater', x, g.c(0.0)), g('Less', y, g.c(0.2))), x, y))(g.x(3, 4), g.x(3, 4)))
    case('channels', lambda g: (lambda x: g('Where', g('Greater', g.x(1, 4, 1, 1), g.c(0.0)), x, g('Mul', x, g.c(0.1))))(g.x(1, 4, 3, 5)))
    case('plane', lambda g: g('Where', g('Greater', g.x(1, 1, 3, 5), g.c(0.0)), g.x(1, 4, 3, 5), g.x(4, 1, 1)))
    case('constant_mask', lambda g: g('Where', g.c(np.arange(12).reshape(3, 4) % 3 == 0, bool), g.x(3, 4), g.c(-9.0)))
    case('mask_as_number', lambda g: g('Mul', g.x(3, 4), g('Cast', g('Greater', g.x(3, 4), g.c(0.1)), to=1)))
    case('causal_mask', lambda g: g('Softmax', g('Where', g.c(np.tril(np.ones((5, 5))), bool), g.x(2, 5, 5), g.c(-1e9)), axis=-1))


FAMILIES = (unary, binary, where)
