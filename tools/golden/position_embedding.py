"""Reference values for resizePositionEmbedding: bicubic torch.nn.functional.interpolate in both modes.

Needs PyTorch (Debian: python3-torch). Run from the repository root:
    /usr/bin/python3 tools/golden/position_embedding.py > packages/vit-models/test/golden/position-embedding.json
"""

import json

import torch
import torch.nn.functional as F

WIDTH = 2
CASES = [(1, 4, 7), (1, 7, 4), (2, 5, 5), (1, 6, 3), (2, 3, 8), (1, 9, 2), (1, 3, 1), (1, 14, 5)]


def resize(embedding, prefix, old, new, antialias):
    grid = embedding[:, prefix:].reshape(1, old, old, WIDTH).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(new, new), mode="bicubic", align_corners=False, antialias=antialias)
    grid = grid.permute(0, 2, 3, 1).reshape(1, new * new, WIDTH)
    return torch.cat([embedding[:, :prefix], grid], dim=1)


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


torch.manual_seed(0)
cases = []
for prefix, old, new in CASES:
    # Rounded first, so that both sides use the same numbers.
    embedding = torch.tensor(rounded(torch.randn(1, prefix + old * old, WIDTH))).reshape(1, -1, WIDTH)
    cases.append(
        {
            "prefixTokens": prefix,
            "oldSize": old,
            "newSize": new,
            "input": rounded(embedding),
            "antialiased": rounded(resize(embedding, prefix, old, new, True)),
            "plain": rounded(resize(embedding, prefix, old, new, False)),
        }
    )

lines = ",\n".join("    " + json.dumps(case) for case in cases)
print(f'{{\n  "maker": "tools/golden/position_embedding.py",\n  "torch": "{torch.__version__}",\n  "width": {WIDTH},\n  "cases": [\n{lines}\n  ]\n}}')
