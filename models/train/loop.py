"""What every training here does alike: memory, optimisers, a rate that follows the clock, the averaged network and its
checkpoints. Import it first."""
import os

# Convolution buffers come from the heap and stay there: mapping them anew each step costs more than the arithmetic.
# Read by libc at start, hence the new start.
if os.environ.get('MALLOC_MMAP_MAX_') != '0':
    import sys
    os.environ.update(MALLOC_MMAP_MAX_='0', MALLOC_TRIM_THRESHOLD_='68719476736', MALLOC_TOP_PAD_='268435456', MALLOC_ARENA_MAX='1')
    os.execv(sys.executable, [sys.executable, *sys.argv])

import math

import torch

from muon import Muon

MUON_RATE = 10  # its learning rate, in AdamW's


def optimisers(net, rate, outer_names):
    """AdamW for biases and for the layers whose names begin with `outer_names` (first and last), Muon for the rest."""
    inner, outer, plain = [], [], []
    for name, p in net.named_parameters():
        (plain if p.ndim < 2 else outer if name.startswith(outer_names) else inner).append(p)
    return [torch.optim.AdamW([dict(params=outer, weight_decay=0.02), dict(params=plain, weight_decay=0)], lr=rate, fused=True, betas=(0.9, 0.98)),
            Muon(inner, weight_decay=0.01)]


def set_rate(opts, rate, now, step):
    """The rate at the share `now` of the time: warmed up, then a cosine down to a hundredth."""
    rate = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(now, 1)))) * min(1, (step + 1) / 60)
    for o, k in zip(opts, (1, MUON_RATE)):
        for g in o.param_groups:
            g['lr'] = rate * k
    return rate


def descend(net, opts, total):
    net.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    for o in opts:
        o.step()


@torch.no_grad()
def average(ema, net, step):
    keep = min(0.995, (step + 1) / (step + 10))
    torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - keep)


def settle(net, inputs):
    """Recomputes the averaged network's normalisation statistics over `inputs` (lists of arguments): they belong to
    other weights."""
    bn = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for m in bn:
        m.reset_running_stats()
        m.momentum = None
    net.train()
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        for x in inputs:
            net(*x)
    for m in bn:
        m.momentum = 0.1
    return net.eval()


def save(path, net, ema, seen):
    torch.save(dict(net=net.state_dict(), ema=ema.state_dict(), seen=seen), path + '.tmp')
    os.replace(path + '.tmp', path)


def load(path, net, ema):
    """Restores both networks; returns how many samples they have seen."""
    c = torch.load(path, map_location='cpu')
    net.load_state_dict(c['net'])
    ema.load_state_dict(c['ema'])
    return c['seen']
