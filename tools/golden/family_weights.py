"""Weights and images of the golden models: numbers that follow from a name, so that no weight is stored.

packages/vit-models/test/golden-families.ts computes the same, bit for bit.
"""

import hashlib
import math
import re

import numpy as np
import torch

PIXELS = "pixels"


def hash_of(name):
    """FNV-1a, 32 bits."""
    value = 2166136261
    for byte in name.encode():
        value = ((value ^ byte) * 16777619) % 2**32
    return value


def uniform(name, count):
    """`count` numbers in [-1, 1), multiples of 2^-23: a hash of the name and the index."""
    x = np.uint32(hash_of(name)) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)
    x ^= x >> 16
    x *= np.uint32(0x21F0AAAD)
    x ^= x >> 15
    x *= np.uint32(0x735A2D97)
    x ^= x >> 15
    return (x >> 8).astype(np.float64) / 2**23 - 1


def center_and_spread(name, shape):
    """
    Activations stay near 1, norms and LayerScale are no identity, no bias is zero. Embedded tokens are small, so that the first norm
    shows its epsilon.
    """
    small = 1 / 64 if re.search(r"(patch|position|positional|class)_embed|pos_embed|conv1|token", name) else 1
    if len(shape) > 1 and name.endswith("weight"):
        inputs = math.prod(shape[1:])
        return 0, small * 1.25 * math.sqrt(3 / inputs)
    if name.endswith("bias"):
        return 0, small * 0.25
    if name.endswith("weight"):
        return 1, 0.5
    if re.search(r"(gamma|lambda)_?[12]?$", name):
        return 0.75, 0.25
    return 0, small  # tokens, positions, tables of biases, pixels


def values(name, shape):
    """Float32 tensor of that name."""
    shape = tuple(shape)
    center, spread = center_and_spread(name, shape)
    numbers = center + spread * uniform(name, math.prod(shape))
    return torch.from_numpy(numbers.astype(np.float32)).reshape(shape)


def tensors_of(shapes, constants):
    """Name → float32 tensor. Constants are buffers whose numbers mean something."""
    tensors = {}
    for name, shape in shapes:
        if name in constants:
            tensors[name] = torch.tensor(constants[name], dtype=torch.float32).reshape(shape)
        else:
            tensors[name] = values(name, shape)
    return tensors


def checksum(tensors, pixels):
    """SHA-256 of all float32 values, little endian, in order; the pixels last."""
    digest = hashlib.sha256()
    for tensor in [*tensors.values(), pixels]:
        digest.update(tensor.numpy().astype("<f4").tobytes())
    return digest.hexdigest()
