"""Muon (K. Jordan, 2024): momentum whose update is made orthogonal, so that every direction of a layer learns at the
same speed. Small convolutional networks need markedly fewer samples with it than with AdamW; samples are what is scarce
on two cores."""
import torch


def orthogonal(g, steps=5):
    """The nearest matrix with all singular values about one, by a quintic Newton-Schulz iteration; [rows, columns]."""
    x = g.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    """For weights of two or more dimensions; the first is the outputs."""

    def __init__(self, params, lr=0.02, momentum=0.9, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state['m'] = torch.zeros_like(p)
                m = state['m'].lerp_(p.grad, 1 - group['momentum'])
                g = p.grad.lerp(m, group['momentum']).reshape(len(p), -1)
                u = orthogonal(g) * max(1, g.shape[0] / g.shape[1]) ** 0.5
                p.mul_(1 - group['lr'] * group['weight_decay'])
                p.sub_(u.reshape(p.shape), alpha=group['lr'])
