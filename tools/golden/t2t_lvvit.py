"""Embedded tokens and logits of small T2T-ViT and LV-ViT networks, by an independent forward pass in float64.

Needs PyTorch. Run it from the repository root:

    python3 tools/golden/t2t_lvvit.py

writes packages/vit-models/test/golden/t2t-lvvit.json. Weights and images come from formulas, which
packages/vit-models/test/formula-weights.ts computes too, so only the results are kept. The names are those of the original
checkpoints; LV-ViT has its batch normalisation apart.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[2] / "packages" / "vit-models" / "test" / "golden" / "t2t-lvvit.json"
EPSILON = 1e-5
WIDTH, HEADS, MLP, CLASSES, SIZE = 32, 2, 96, 7, 32
GRID = SIZE // 16
NORMS = (".norm1.weight", ".norm2.weight", "norm.weight", ".running_var")
SMALL = (".bias", ".running_mean", "cls_token", "pos_embed")


def tensor(name, *shape):
    """Values in steps of 1/50 that depend on the name, scaled to keep the size of what passes through; as float32."""
    seed = sum((i + 1) * ord(letter) for i, letter in enumerate(name))
    unit = ((torch.arange(math.prod(shape)) * 37 + seed) % 101 - 50).double() / 50
    if name.endswith(NORMS) or ".bn" in name and name.endswith(".weight"):
        values = 1 + 0.4 * unit
    elif name.endswith(SMALL):
        values = unit / 2
    else:
        values = 2 * unit / math.sqrt(math.prod(shape[1:]))
    return values.float().double().reshape(shape)


def images(count=2):
    """[B, 3, S, S] in steps of 1/32."""
    b, c, y, x = torch.meshgrid(*(torch.arange(n) for n in (count, 3, SIZE, SIZE)), indexing="ij")
    return ((5 * b + 31 * c + 17 * y + 7 * x + x * y % 13) % 64).double() / 32 - 1


def linear(x, name, outputs, bias=True):
    return F.linear(x, tensor(f"{name}.weight", outputs, x.shape[-1]), tensor(f"{name}.bias", outputs) if bias else None)


def norm(x, name):
    width = x.shape[-1]
    return F.layer_norm(x, [width], tensor(f"{name}.weight", width), tensor(f"{name}.bias", width), EPSILON)


def performer(x, name):
    key, query, value = linear(norm(x, f"{name}.norm1"), f"{name}.kqv", 192).split(64, dim=-1)
    draws = tensor(f"{name}.w", 32, 64)
    phi = lambda rows: torch.exp(rows @ draws.T - (rows**2).sum(-1, keepdim=True) / 2) / math.sqrt(32)
    weights = torch.einsum("bim,bjm->bij", phi(query), phi(key))  # all pairs of tokens: quadratic, and plain
    mixed = weights @ value / (weights.sum(-1, keepdim=True) + 1e-8)
    x = value + linear(mixed, f"{name}.proj", 64)
    return x + linear(F.gelu(linear(norm(x, f"{name}.norm2"), f"{name}.mlp.0", 64)), f"{name}.mlp.2", 64)


def transformer(x, name):
    query, key, value = linear(norm(x, f"{name}.norm1"), f"{name}.attn.qkv", 192, bias=False).split(64, dim=-1)
    mixed = (query @ key.transpose(1, 2) / math.sqrt(x.shape[-1])).softmax(-1) @ value
    x = value + linear(mixed, f"{name}.attn.proj", 64)
    return x + linear(F.gelu(linear(norm(x, f"{name}.norm2"), f"{name}.mlp.fc1", 64)), f"{name}.mlp.fc2", 64)


def tokens_to_token(attend):
    def stem(pixels):
        x = F.unfold(pixels, 7, stride=4, padding=2).transpose(1, 2)
        for number in (1, 2):
            x = attend(x, f"tokens_to_token.attention{number}")
            side = math.isqrt(x.shape[1])
            image = x.transpose(1, 2).unflatten(2, (side, side))
            x = F.unfold(image, 3, stride=2, padding=1).transpose(1, 2)
        return linear(x, "tokens_to_token.project", WIDTH)

    return stem


def convolutions(pixels):
    x = pixels
    for number, kernel, stride in ((1, 7, 2), (2, 3, 1), (3, 3, 1)):
        weight = tensor(f"patch_embed.conv{number}.weight", 64, x.shape[1], kernel, kernel)
        x = F.conv2d(x, weight, stride=stride, padding=kernel // 2)
        mean, variance, gamma, beta = (
            tensor(f"patch_embed.bn{number}.{part}", 64) for part in ("running_mean", "running_var", "weight", "bias")
        )
        x = F.relu(F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=EPSILON))
    bias = tensor("patch_embed.proj.bias", WIDTH)
    return F.conv2d(x, tensor("patch_embed.proj.weight", WIDTH, 64, 8, 8), bias, stride=8).flatten(2).transpose(1, 2)


def block(x, name, divisor):
    heads = lambda rows: rows.unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2)
    parts = linear(norm(x, f"{name}.norm1"), f"{name}.attn.qkv", 3 * WIDTH, bias=False).split(WIDTH, dim=-1)
    query, key, value = map(heads, parts)
    weights = (query @ key.transpose(2, 3) / math.sqrt(WIDTH // HEADS)).softmax(-1)
    x = x + linear((weights @ value).transpose(1, 2).flatten(2), f"{name}.attn.proj", WIDTH) / divisor
    hidden = F.gelu(linear(norm(x, f"{name}.norm2"), f"{name}.mlp.fc1", MLP))
    return x + linear(hidden, f"{name}.mlp.fc2", WIDTH) / divisor


def network(stem, depth, divisor=1, has_patch_head=False):
    patches = stem(images())
    token = tensor("cls_token", 1, 1, WIDTH).expand(len(patches), 1, WIDTH)
    embedded = x = torch.cat([token, patches], 1) + tensor("pos_embed", 1, 1 + GRID**2, WIDTH)
    for number in range(depth):
        x = block(x, f"blocks.{number}", divisor)
    x = norm(x, "norm")
    logits = linear(x[:, 0], "head", CLASSES)
    if has_patch_head:
        logits = logits + 0.5 * linear(x[:, 1:], "aux_head", CLASSES).amax(1)
    return embedded, logits


def rounded(values):
    return [float(f"{value:.7g}") for value in values.flatten().tolist()]


def main():
    networks = {
        "t2t-performer": network(tokens_to_token(performer), 2),
        "t2t-transformer": network(tokens_to_token(transformer), 2),
        "conv": network(convolutions, 3, divisor=2, has_patch_head=True),
    }
    entries = {name: {"tokens": rounded(tokens), "logits": rounded(logits)} for name, (tokens, logits) in networks.items()}
    lines = ",\n".join(f'  "{name}": {json.dumps(entry)}' for name, entry in entries.items())
    source = f"tools/golden/t2t_lvvit.py, torch {torch.__version__.split('+')[0]}"
    OUT.write_text(f'{{\n  "source": "{source}",\n{lines}\n}}\n')


if __name__ == "__main__":
    with torch.no_grad():
        main()
