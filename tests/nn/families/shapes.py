"""Values that keep their numbers and change their places."""
import numpy as np


def concat(case):
    for axis in range(4):
        def build(g):
            shapes = [[2, 3, 4, 5] for _ in range(3)]
            for shape, size in zip(shapes, (1, 4, 3)):
                shape[axis] = size
            return g('Concat', *(g.x(*shape) for shape in shapes), axis=axis)
        case(f'4d_axis_{axis}', build)
    case('channels', lambda g: g('Concat', g.x(1, 4, 5, 6), g.x(1, 8, 5, 6), axis=1))
    case('channels_odd', lambda g: g('Concat', g.x(1, 3, 7, 5), g.x(1, 5, 7, 5), axis=1))
    case('channels_one_pixel', lambda g: g('Concat', g.x(1, 3, 1, 1), g.x(1, 2, 1, 1), axis=1))
    case('one_alone', lambda g: g('Concat', g.x(1, 3, 4, 2), axis=1))
    case('five', lambda g: g('Concat', *(g.x(1, k, 3, 2) for k in (1, 2, 3, 4, 5)), axis=1))
    case('itself', lambda g: (lambda x: g('Concat', x, x, axis=1))(g.x(1, 3, 4, 2)))
    case('last_negative', lambda g: g('Concat', g.x(3, 4), g.x(3, 2), axis=-1))
    case('vectors', lambda g: g('Concat', g.x(4), g.x(3), axis=0))
    case('with_constant', lambda g: g('Concat', g.x(1, 3, 4, 4), g.b(1, 2, 4, 4), axis=1))
    case('5d', lambda g: g('Concat', g.x(1, 2, 2, 3, 2), g.x(1, 1, 2, 3, 2), axis=1))
    case('of_convs', lambda g: g('Concat', g('Conv', g.x(1, 3, 5, 4), g.w(4, 3, 1, 1)), g('Relu', g.x(1, 5, 5, 4)), axis=1))
    case('then_conv', lambda g: g('Conv', g('Concat', g.x(1, 3, 5, 4), g.x(1, 2, 5, 4), axis=1), g.w(4, 5, 3, 3), g.b(4), pads=[1] * 4))


def slice(case):
    def one(name, shape, starts, ends, axes=None, steps=None):
        case(name, lambda g: g('Slice', g.x(*shape), g.c(starts), g.c(ends), *([g.c(axes)] if axes else []), *([g.c(steps)] if steps else [])))

    one('channels', (1, 8, 4, 3), [2], [6], [1])
    one('channels_odd', (1, 7, 3, 5), [1], [4], [1])
    one('rows', (1, 3, 7, 5), [2], [6], [2])
    one('columns', (1, 3, 5, 7), [1], [5], [3])
    one('all_axes', (2, 4, 5, 6), [1, 0, 1, 2], [2, 3, 4, 6])
    one('negative', (1, 3, 6, 5), [-4, -3], [-1, 5], [-2, -1])
    one('beyond_the_end', (3, 5), [1], [2**62], [1])
    one('before_the_beginning', (3, 5), [-99], [3], [1])
    one('steps', (1, 3, 7, 8), [0, 1], [7, 8], [2, 3], [2, 3])
    one('backwards', (1, 3, 4, 5), [-1], [-2**62], [3], [-1])
    one('backwards_by_2', (2, 9), [7], [0], [1], [-2])
    one('batch', (3, 2, 4), [1], [2], [0])
    one('vector', (9,), [2], [7], [0])
    case('focus', lambda g: (lambda x: g('Concat', *(g('Slice', x, g.c([a, b]), g.c([2**31, 2**31]), g.c([2, 3]), g.c([2, 2])) for b in (0, 1) for a in (0, 1)), axis=1))(g.x(1, 3, 6, 8)))
    case('of_conv', lambda g: g('Slice', g('Conv', g.x(1, 3, 5, 4), g.w(6, 3, 1, 1)), g.c([1]), g.c([4]), g.c([1])))


def split(case):
    def one(name, shape, sizes, axis, keep=None):
        case(name, lambda g: [g('Relu', y) for y in g('Split', g.x(*shape), g.c(sizes), outputs=len(sizes), axis=axis)][:keep])

    one('channels', (1, 8, 3, 4), [4, 4], 1)
    one('channels_uneven', (1, 9, 3, 4), [2, 3, 4], 1)
    one('rows', (1, 3, 6, 4), [1, 5], 2)
    one('columns', (1, 3, 4, 6), [2, 4], -1)
    one('batch', (3, 2, 4), [1, 2], 0)
    case('unsaid', lambda g: g('Split', g.x(2, 6), outputs=3, axis=1))
    case('gated', lambda g: (lambda a, b: g('Mul', a, g('Sigmoid', b)))(*g('Split', g.x(1, 8, 4, 3), g.c([4, 4]), outputs=2, axis=1)))


def reshape(case):
    def one(name, shape, to, **more):
        case(name, lambda g: g('Reshape', g('Relu', g.x(*shape)), g.c(to), **more))

    one('flat', (2, 3, 4), [24])
    one('to_4d', (2, 12), [2, 3, 2, 2])
    one('rest', (2, 3, 4), [-1, 4])
    one('kept_and_rest', (2, 3, 4), [0, -1])
    one('to_6d', (1, 4, 4, 6), [1, 4, 2, 2, 3, 2])
    one('same', (1, 3, 4, 2), [1, 3, 4, 2])
    one('odd', (1, 5, 7, 3), [1, 35, 3])
    for axis in (0, 1, 2, 3, 4, -1):
        case(f'flatten_{axis}'.replace('-', 'minus_'), lambda g: g('Flatten', g.x(2, 3, 2, 4), axis=axis))
    case('squeeze', lambda g: g('Squeeze', g.x(1, 3, 1, 4), g.c([0, 2])))
    case('squeeze_negative', lambda g: g('Squeeze', g.x(3, 4, 1), g.c([-1])))
    case('squeeze_all', lambda g: g('Squeeze', g.x(1, 3, 1, 4)))
    case('unsqueeze', lambda g: g('Unsqueeze', g.x(3, 4), g.c([0, 3])))
    case('unsqueeze_negative', lambda g: g('Unsqueeze', g.x(3, 4), g.c([-1])))
    case('of_conv', lambda g: g('Reshape', g('Conv', g.x(1, 3, 4, 5), g.w(6, 3, 1, 1)), g.c([1, 6, 20])))
    case('of_conv_to_rows', lambda g: g('Reshape', g('Transpose', g('Conv', g.x(1, 3, 4, 5), g.w(6, 3, 1, 1), g.b(6)), perm=[0, 2, 3, 1]), g.c([1, 20, 6])))
    case('identity', lambda g: g('Identity', g.x(2, 3)))
    case('identity_then_relu', lambda g: g('Relu', g('Identity', g.x(2, 3))))
    case('dropout', lambda g: g('Relu', g('Dropout', g.x(2, 3))))

    def as_exported(g):
        """x.view(x.size(0), 3, -1) as tracing writes it."""
        x = g.x(2, 6, 4)
        first = g('Unsqueeze', g('Gather', g('Shape', x), g.c(0), axis=0), g.c([0]))
        return g('Reshape', x, g('Concat', first, g.c([3]), g.c([-1]), axis=0))

    def shuffle(g):
        """Channels of two groups dealt like cards."""
        return g('Reshape', g('Transpose', g('Reshape', g.x(1, 6, 3, 4), g.c([1, 2, 3, 3, 4])), perm=[0, 2, 1, 3, 4]), g.c([1, 6, 3, 4]))

    case('as_exported', as_exported)
    case('channel_shuffle', shuffle)
    case('cast_there_and_back', lambda g: g('Cast', g('Cast', g.x(2, 5, low=-9, high=9), to=7), to=1))


def transpose(case):
    for perm in ((1, 0), (0, 2, 1), (2, 0, 1), (1, 2, 0), (0, 2, 3, 1), (0, 3, 1, 2), (0, 1, 3, 2), (3, 2, 1, 0), (1, 0, 2, 3), (0, 2, 1, 3),
                 (0, 4, 1, 2, 3), (0, 2, 3, 4, 1), (4, 3, 2, 1, 0), (0, 1, 2, 4, 3, 5), (0, 1, 4, 2, 5, 3), (0, 3, 1, 4, 2, 5), (5, 4, 3, 2, 1, 0)):
        shape = {2: (5, 7), 3: (3, 4, 5), 4: (2, 3, 4, 5), 5: (1, 2, 3, 4, 3), 6: (1, 2, 3, 2, 3, 2)}[len(perm)]
        case('perm_' + ''.join(map(str, perm)), lambda g: g('Transpose', g.x(*shape), perm=perm))
    case('unsaid', lambda g: g('Transpose', g.x(2, 3, 4)))
    case('same', lambda g: g('Transpose', g.x(2, 3, 4), perm=[0, 1, 2]))
    case('there_and_back', lambda g: g('Transpose', g('Relu', g('Transpose', g.x(1, 3, 4, 5), perm=[0, 2, 3, 1])), perm=[0, 3, 1, 2]))
    case('square_33', lambda g: g('Transpose', g.x(33, 35), perm=[1, 0]))
    for mode in ('DCR', 'CRD'):
        case(f'depth_to_space_{mode.lower()}', lambda g: g('DepthToSpace', g.x(1, 8, 3, 4), blocksize=2, mode=mode))
        case(f'depth_to_space_{mode.lower()}_3', lambda g: g('DepthToSpace', g.x(2, 9, 2, 3), blocksize=3, mode=mode))
    case('space_to_depth', lambda g: g('SpaceToDepth', g.x(1, 3, 6, 4), blocksize=2))
    case('space_to_depth_3', lambda g: g('SpaceToDepth', g.x(1, 2, 3, 6), blocksize=3))
    case('conv_then_depth_to_space', lambda g: g('DepthToSpace', g('Conv', g.x(1, 3, 4, 3), g.w(12, 3, 1, 1), g.b(12)), blocksize=2, mode='CRD'))


def expand(case):
    def one(name, shape, to):
        case(name, lambda g: g('Expand', g.x(*shape), g.c(to)))

    one('last', (3, 1), [3, 4])
    one('first', (1, 4), [3, 4])
    one('more_axes', (4,), [2, 3, 4])
    one('plane', (1, 3, 1, 1), [1, 3, 4, 5])
    one('both_ways', (3, 1, 4), [2, 1, 5, 1])
    one('scalar', (), [2, 3])
    for name, shape, times in (('last', (2, 3), [1, 3]), ('all', (1, 2, 3), [2, 3, 2]), ('plane', (1, 3, 2, 2), [1, 1, 2, 3]), ('once', (2, 3), [1, 1])):
        case(f'tile_{name}', lambda g: g('Tile', g.x(*shape), g.c(times)))


def gather(case):
    def one(name, shape, indices, axis):
        case(name, lambda g: g('Gather', g.x(*shape), g.c(np.array(indices, np.int64)), axis=axis))

    one('rows', (6, 4), [4, 0, 4], 0)
    one('channels', (1, 5, 3, 4), [2, 1, 0], 1)
    one('last', (2, 3, 7), [6, 0, 3, 3], 2)
    one('negative', (2, 5), [-1, -5, 1], 1)
    one('one_dropped', (1, 5, 3, 4), 2, 1)
    one('matrix_of_indices', (3, 5), [[0, 2], [1, 1], [2, 0]], 0)
    one('alone', (7,), [3], 0)
    case('elements', lambda g: g('GatherElements', g.x(3, 4), g.c([[0, 1], [3, 2], [1, 1]]), axis=1))
    case('nd', lambda g: g('GatherND', g.x(3, 4, 2), g.c([[0, 1], [2, 3]])))


FAMILIES = (concat, slice, split, reshape, transpose, expand, gather)
