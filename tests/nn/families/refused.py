"""Files that a compiler must turn away with a sentence: not crash, not loop, not take all memory, not compute nonsense."""
import numpy as np
from onnx import TensorProto, helper

from graph import Graph


def one(build, shape=(1, 3, 8, 8)):
    """A graph of one input `x` of any shape whatever and one output; nothing in it is checked."""
    def make(name):
        g = Graph(f'refused/{name}')
        outputs = build(g, 'x')
        g.declared.insert(0, helper.make_tensor_value_info('x', TensorProto.FLOAT, shape))
        model = g.model(outputs, checked=False)
        for o in model.graph.output:
            o.type.tensor_type.elem_type = TensorProto.FLOAT
        return model
    return make


def custom(g, x):
    return g('Sparkle', x, domain='com.example', strength=3)


def custom_known(name):
    model = one(custom)(name)
    model.opset_import.append(helper.make_opsetid('com.example', 1))
    return model


def suppression(g, x):
    boxes, scores = g('Reshape', x, g.c([1, 48, 4])), g('Reshape', g('Slice', x, g.c([0]), g.c([2]), g.c([3])), g.c([1, 1, 48]))
    chosen = g('NonMaxSuppression', boxes, scores, g.c([10]), g.c(np.array([0.5])), g.c(np.array([0.1])))
    return g('Cast', chosen, to=1)


def recurrent(op, gates):
    def build(g, x):
        y, _ = g(op, x, g.w(1, gates * 5, 8), g.w(1, gates * 5, 5), outputs=2, hidden_size=5)
        return y
    return build


def loop(g, x):
    body = helper.make_graph(
        [helper.make_node('Identity', ['go'], ['on']), helper.make_node('Add', ['v', 'v'], ['w'])], 'body',
        [helper.make_tensor_value_info('i', TensorProto.INT64, []), helper.make_tensor_value_info('go', TensorProto.BOOL, []), helper.make_tensor_value_info('v', TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info('on', TensorProto.BOOL, []), helper.make_tensor_value_info('w', TensorProto.FLOAT, None)],
    )
    return g('Loop', g('Cast', g('ReduceMax', x, keepdims=0), to=7), g.c(True, bool), x, body=body)


def branch(g, x):
    arm = lambda op: helper.make_graph([helper.make_node(op, ['x'], [f'{op}_out'])], op, [], [helper.make_tensor_value_info(f'{op}_out', TensorProto.FLOAT, None)])
    return g('If', g('Greater', g('ReduceMean', x, keepdims=0), g.c(0.0)), then_branch=arm('Relu'), else_branch=arm('Neg'))


def spoiled(value):
    def build(g, x):
        w = g.random.uniform(-1, 1, (4, 3, 3, 3))
        w[1, 2, 0, 1] = value
        return g('Conv', x, g.c(w), pads=[1] * 4)
    return build


def conv_of(*shape, **attributes):
    return lambda g, x: g('Conv', x, g.c(np.zeros(shape)), **attributes)


def cut_short(name):
    """Weights that say they are longer than they are."""
    model = one(conv_of(4, 3, 3, 3, pads=[1] * 4))(name)
    (w,) = model.graph.initializer
    w.raw_data = w.raw_data[:100]
    return model


def claims(name):
    """A million channels in the declared shape of the weights, and a few bytes of them."""
    model = one(conv_of(4, 3, 3, 3, pads=[1] * 4))(name)
    model.graph.initializer[0].dims[0] = 1_000_000
    return model


def cycle(name):
    g = Graph(name)
    g.declared.append(helper.make_tensor_value_info('x', TensorProto.FLOAT, (1, 4)))
    g.nodes += [helper.make_node('Add', ['x', 'b'], ['a']), helper.make_node('Relu', ['a'], ['b'])]
    return g.model('b', checked=False)


def future(name):
    model = one(lambda g, x: g('Relu', x))(name)
    model.opset_import[0].version = 999
    return model


def outputs_none(name):
    model = one(lambda g, x: g('Relu', x))(name)
    del model.graph.output[:]
    return model


def double_name(name):
    model = one(lambda g, x: g('Relu', g('Neg', x)))(name)
    model.graph.node[0].output[0] = model.graph.node[1].output[0]
    return model


def text_input(name):
    model = one(lambda g, x: g('Identity', x))(name)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.STRING
    return model


def outside(name):
    """Weights in a file beside it, by a path that climbs."""
    model = one(conv_of(4, 3, 3, 3, pads=[1] * 4))(name)
    (w,) = model.graph.initializer
    w.ClearField('raw_data')
    w.data_location = TensorProto.EXTERNAL
    w.external_data.add(key='location', value='../../../../etc/passwd')
    return model


MODELS = {
    'custom_domain': one(custom),
    'custom_domain_imported': custom_known,
    'op_unknown': one(lambda g, x: g('Frobnicate', x)),
    'non_max_suppression': one(suppression),
    'lstm': one(recurrent('LSTM', 4), (6, 1, 8)),
    'gru': one(recurrent('GRU', 3), (6, 1, 8)),
    'loop': one(loop),
    'if': one(branch),
    'non_zero': one(lambda g, x: g('Cast', g('NonZero', x), to=1)),
    'random': one(lambda g, x: g('Add', x, g('RandomNormalLike', x))),
    'channels_claimed': claims,
    'channels_do_not_match': one(conv_of(4, 5, 3, 3)),
    'kernel_larger_than_input': one(conv_of(4, 3, 9, 9)),
    'kernel_shape_lies': one(conv_of(4, 3, 3, 3, kernel_shape=[5, 5])),
    'stride_zero': one(conv_of(4, 3, 3, 3, strides=[0, 0])),
    'stride_negative': one(conv_of(4, 3, 3, 3, strides=[-1, -1])),
    'dilation_zero': one(conv_of(4, 3, 3, 3, dilations=[0, 0])),
    'groups_zero': one(conv_of(4, 3, 3, 3, group=0)),
    'groups_do_not_divide': one(conv_of(4, 1, 3, 3, group=2)),
    'pads_huge': one(conv_of(4, 3, 3, 3, pads=[2**40] * 4)),
    'symbolic_batch': one(lambda g, x: g('Relu', x), ('N', 3, 8, 8)),
    'symbolic_size': one(conv_of(4, 3, 3, 3), (1, 3, 'H', 'W')),
    'no_shape': one(lambda g, x: g('Relu', x), None),
    'zero_size': one(lambda g, x: g('Relu', x), (1, 0, 8, 8)),
    'zero_size_conv': one(conv_of(4, 3, 3, 3, pads=[1] * 4), (1, 3, 0, 8)),
    'zero_size_inside': one(lambda g, x: g('Relu', g('Slice', x, g.c([5]), g.c([5]), g.c([2])))),
    'too_large': one(lambda g, x: g('Relu', x), (1, 65536, 65536, 65536)),
    'too_large_inside': one(lambda g, x: g('Relu', g('Expand', g('ReduceMean', x, keepdims=0), g.c([1, 1 << 20, 1 << 20, 4])))),
    'size_overflows': one(lambda g, x: g('Relu', x), (2**32, 2**32, 2**32)),
    'resize_huge': one(lambda g, x: g('Resize', x, None, g.c(np.array([1.0, 1.0, 1e6, 1e6])), mode='nearest')),
    'resize_zero': one(lambda g, x: g('Resize', x, None, g.c(np.array([1.0, 1.0, 0.0, 0.0])), mode='nearest')),
    'reshape_negative': one(lambda g, x: g('Reshape', x, g.c([-3, -64]))),
    'reshape_two_unknown': one(lambda g, x: g('Reshape', x, g.c([-1, -1]))),
    'reshape_does_not_fit': one(lambda g, x: g('Reshape', x, g.c([1, 7, 11]))),
    'broadcast_does_not_fit': one(lambda g, x: g('Add', x, g.b(1, 5, 8, 8))),
    'concat_does_not_fit': one(lambda g, x: g('Concat', x, g.b(1, 3, 7, 8), axis=1)),
    'axis_beyond': one(lambda g, x: g('Softmax', x, axis=9)),
    'gather_beyond': one(lambda g, x: g('Gather', x, g.c([5]), axis=1)),
    'matmul_does_not_fit': one(lambda g, x: g('MatMul', x, g.b(7, 4))),
    'rank_12': one(lambda g, x: g('Relu', g('Transpose', x, perm=list(range(12))[::-1])), (2,) * 12),
    'weights_nan': one(spoiled(np.nan)),
    'weights_infinite': one(spoiled(np.inf)),
    'weights_cut_short': cut_short,
    'weights_outside': outside,
    'input_missing': one(lambda g, x: g('Add', x, 'nowhere')),
    'cycle': cycle,
    'same_name_twice': double_name,
    'no_outputs': outputs_none,
    'opset_of_the_future': future,
    'text': text_input,
}


def models():
    """(name, bytes) of each, and of two that are no ONNX at all."""
    for name, make in MODELS.items():
        model = make(name)
        yield name, model.SerializeToString(deterministic=True)
    yield 'cut_in_half', (lambda b: b[: len(b) // 2])(one(conv_of(4, 3, 3, 3))('cut_in_half').SerializeToString(deterministic=True))
    yield 'no_onnx', b'\x89PNG\r\n\x1a\n' + bytes(range(200))
