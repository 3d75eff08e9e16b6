"""Products of matrices."""


def matmul(case):
    def two(name, a, b):
        """Both computed at run time, and with the second one constant, as weights are."""
        case(name, lambda g: g('MatMul', g.x(*a), g.x(*b)))
        case(f'{name}_constant', lambda g: g('MatMul', g.x(*a), g.w(*b)))

    two('2d', (5, 7), (7, 6))
    two('2d_one', (1, 1), (1, 1))
    two('row_by_matrix', (1, 9), (9, 5))
    two('matrix_by_column', (6, 9), (9, 1))
    two('outer', (6, 1), (1, 5))
    two('vector_by_matrix', (7,), (7, 4))
    two('matrix_by_vector', (4, 7), (7,))
    two('vector_by_vector', (9,), (9,))
    two('batched', (3, 4, 5), (3, 5, 6))
    two('batched_4d', (2, 3, 4, 5), (2, 3, 5, 3))
    two('batch_by_one', (3, 4, 5), (5, 6))
    two('one_by_batch', (4, 5), (3, 5, 6))
    two('batch_broadcast', (2, 1, 4, 5), (1, 3, 5, 2))
    two('batched_by_vector', (3, 4, 5), (5,))
    two('multiples_of_8', (16, 24), (24, 8))
    two('long', (3, 130), (130, 5))
    two('wide', (2, 5), (5, 131))
    case('first_constant', lambda g: g('MatMul', g.w(4, 6), g.x(6, 5)))
    case('by_itself_turned', lambda g: (lambda x: g('MatMul', x, g('Transpose', x, perm=[0, 2, 1])))(g.x(2, 4, 6)))
    case('then_add', lambda g: g('Add', g('MatMul', g.x(2, 5, 7), g.w(7, 6)), g.b(6)))
    case('add_first_then_relu', lambda g: g('Relu', g('Add', g.b(6), g('MatMul', g.x(5, 7), g.w(7, 6)))))

    def attention(g):
        """Queries, keys, values of two heads over five tokens."""
        x = g.x(1, 5, 8)
        heads = lambda w, perm: g('Transpose', g('Reshape', g('MatMul', x, w), g.c([1, 5, 2, 4])), perm=perm)
        q, k, v = heads(g.w(8, 8), [0, 2, 1, 3]), heads(g.w(8, 8), [0, 2, 3, 1]), heads(g.w(8, 8), [0, 2, 1, 3])
        a = g('Softmax', g('Div', g('MatMul', q, k), g.c(2.0)), axis=-1)
        y = g('Reshape', g('Transpose', g('MatMul', a, v), perm=[0, 2, 1, 3]), g.c([1, 5, 8]))
        return g('Add', x, g('MatMul', y, g.w(8, 8)))

    case('attention', attention)

    def gemm(name, a, b, c=None, at_run_time=False, **attributes):
        make = lambda g, shape: g.x(*shape) if at_run_time else g.w(*shape)
        case(f'gemm_{name}', lambda g: g('Gemm', g.x(*a), make(g, b), None if c is None else make(g, c) if c else g.c(0.75), **attributes))

    gemm('plain', (3, 5), (5, 4))
    gemm('bias', (3, 5), (5, 4), (4,))
    gemm('turned_b', (1, 16), (10, 16), (10,), transB=1)
    gemm('turned_b_batch', (3, 7), (5, 7), (5,), transB=1)
    gemm('turned_a', (5, 3), (5, 4), (4,), transA=1)
    gemm('turned_both', (5, 3), (4, 5), (4,), transA=1, transB=1)
    gemm('alpha', (3, 5), (5, 4), (4,), alpha=0.5)
    gemm('beta', (3, 5), (5, 4), (4,), beta=2.0)
    gemm('alpha_beta', (3, 5), (5, 4), (3, 4), alpha=0.25, beta=0.5)
    gemm('c_matrix', (3, 5), (5, 4), (3, 4))
    gemm('c_column', (3, 5), (5, 4), (3, 1))
    gemm('c_row', (3, 5), (5, 4), (1, 4))
    gemm('c_one', (3, 5), (5, 4), (1,))
    gemm('c_scalar', (3, 5), (5, 4), ())
    gemm('run_time', (3, 5), (4, 5), (4,), at_run_time=True, transB=1)
    gemm('run_time_turned_a', (5, 3), (5, 4), (3, 4), at_run_time=True, transA=1, alpha=2.0)
    gemm('large', (2, 65), (33, 65), (33,), transB=1)
    gemm('to_one', (1, 12), (1, 12), (1,), transB=1)
    case('gemm_then_relu', lambda g: g('Relu', g('Gemm', g.x(2, 9), g.w(7, 9), g.b(7), transB=1)))
    case('gemm_of_flat', lambda g: g('Gemm', g('Flatten', g.x(1, 3, 4, 2)), g.w(5, 24), g.b(5), transB=1))
    case('gemm_of_pooled', lambda g: g('Gemm', g('Flatten', g('GlobalAveragePool', g.x(1, 9, 4, 5))), g.w(5, 9), g.b(5), transB=1))


FAMILIES = (matmul,)
