"""One golden model: what lies in its files, and what its library computes."""

from dataclasses import dataclass, field
from typing import Callable

SIZES = {"img_size": 20, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}


@dataclass
class Case:
    name: str
    # Library, class, and whose names the tensors have.
    source: dict
    shapes: list
    # float32 tensors and pixels → "tokens" [2, N, D] and "logits", "embedding" or "pooled", in float64.
    run: Callable
    # Tokens before the patches.
    prefix: int
    # Whether the tokens are those after the final norm, or the last block's.
    normed: bool
    config: dict | None = None
    preprocessor: dict | None = None
    image_size: int = 20
    # Facts that neither the names nor the configuration tell.
    untold: dict = field(default_factory=dict)
    constants: dict = field(default_factory=dict)
    # Rows of the tokens that are kept. By default the prefix and some patches.
    rows: tuple | None = None
