"""Reference logits of DeiT-Tiny, dense and slimmed, by an independent forward pass in float64.

Needs PyTorch, Pillow and numpy (Debian: python3-torch, python3-pil, python3-numpy). Run it from the repository root.

    /usr/bin/python3 tools/golden/deit_forward.py [DATA]
        writes packages/slimming/test/golden/deit-tiny.json: logits of a synthetic image and of three real ones under each
        plan. DATA is the folder with deit_tiny and imagenet_sample (default ../shared/data).
    /usr/bin/python3 tools/golden/deit_forward.py --weights FILE --pixels FILE [--plan FILE]
        prints the logits of one image as JSON: float32 pixels [3, S, S], raw and little endian, already normalised;
        with the blocks of a slim plan, or dense.

The slimmed network uses masks over all N tokens, never slices, directly from the equations: a token that a
block does not keep leaves that block unchanged; with compact keys it is also no key or value in later blocks.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "packages" / "slimming" / "test" / "golden" / "deit-tiny.json"
HEAD_WIDTH = 64
EPSILON = 1e-6
DENSE = {"kind": "dense"}
# Tokens that each block keeps in the paper's Fig. 5.
COUNTS = [197, 197, 160, 153, 121, 101, 83, 63, 50, 25, 20, 1]
REAL = ["n01443537_goldfish.JPEG", "n02123045_tabby.JPEG", "n07753592_banana.JPEG"]


def read_safetensors(path):
    """Name → float64 tensor; F32 files only."""
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}"
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data, "<f4", (end - begin) // 4, start + begin)
        tensors[name] = torch.from_numpy(values.astype(np.float64)).reshape(entry["shape"])
    return tensors


class Vit:
    """A plain ViT on one image. N tokens of width D; L blocks of H heads."""

    def __init__(self, weights):
        self.weights = weights
        self.width = weights["cls_token"].shape[-1]
        self.heads = self.width // HEAD_WIDTH
        self.depth = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        self.tokens = weights["pos_embed"].shape[1]

    def norm(self, x, name):
        return F.layer_norm(x, [self.width], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], EPSILON)

    def linear(self, x, name):
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def embed(self, pixels):
        """[3, S, S] → [N, D]: the patch convolution, with the class token first, then positions."""
        kernel = self.weights["patch_embed.proj.weight"]
        patches = F.conv2d(pixels[None], kernel, self.weights["patch_embed.proj.bias"], stride=kernel.shape[-1])
        tokens = torch.cat([self.weights["cls_token"][0], patches[0].flatten(1).T])
        return tokens + self.weights["pos_embed"][0]

    def attend(self, x, name, alive):
        """[N, D] → [N, D]; no token attends to tokens that are not alive."""
        query, key, value = (
            part.reshape(-1, self.heads, HEAD_WIDTH).transpose(0, 1)
            for part in self.linear(x, f"{name}.qkv").split(self.width, dim=1)
        )
        products = query @ key.transpose(1, 2) / math.sqrt(HEAD_WIDTH)
        products = products.masked_fill(~alive, -math.inf)
        mixed = products.softmax(-1) @ value
        return self.linear(mixed.transpose(0, 1).reshape(-1, self.width), f"{name}.proj")

    def block(self, x, name, alive):
        middle = x + self.attend(self.norm(x, f"{name}.norm1"), f"{name}.attn", alive)
        hidden = F.gelu(self.linear(self.norm(middle, f"{name}.norm2"), f"{name}.mlp.fc1"))
        return middle + self.linear(hidden, f"{name}.mlp.fc2")

    def logits(self, pixels, plan=None):
        x = self.embed(pixels)
        alive = torch.ones(self.tokens, dtype=torch.bool)
        for index, entry in enumerate(plan or [DENSE] * self.depth):
            kept = alive
            if entry["kind"] == "keep":
                kept = torch.zeros(self.tokens, dtype=torch.bool)
                kept[entry["keep"]] = True
            x = torch.where(kept[:, None], self.block(x, f"blocks.{index}", alive), x)
            if entry["kind"] == "keep" and entry["keys"] == "compact":
                alive = kept
        return self.linear(self.norm(x[0], "norm"), "head")


def synthetic(size=224):
    """[3, S, S] in steps of 1/64. packages/slimming/test/golden.ts computes the same."""
    c, y, x = np.meshgrid(*(np.arange(n, dtype=np.float64) for n in (3, size, size)), indexing="ij")
    waves = np.sin(x / 9 + c) + np.cos(y / 14 - 2 * c) / 2 + np.sin(x * y / 900) / 2
    return np.floor(64 * waves + 0.5) / 64


def nested_plan(counts, keys):
    """Every block keeps the class token and the patches i with the smallest 37 i mod 196."""
    patches = sorted(range(196), key=lambda i: 37 * i % 196)
    keep = [[0, *sorted(1 + i for i in patches[: count - 1])] for count in counts]
    return [{"kind": "keep", "keep": tokens, "keys": keys} if len(tokens) < 197 else DENSE for tokens in keep]


def rounded(values):
    return [float(f"{value:.6g}") for value in values.tolist()]


def golden(data):
    from PIL import Image
    from PIL import __version__ as pillow_version
    from preprocess import DEIT, crop_of, normalized

    model = Vit(read_safetensors(data / "deit_tiny" / "deit_tiny_patch16_224.safetensors"))
    images = [("synthetic", synthetic())]
    for name in REAL:
        picture = Image.open(data / "imagenet_sample" / "images" / name).convert("RGB")
        images.append((name, normalized(crop_of(picture, DEIT), DEIT)))
    plans = {"dense": None, "compact": nested_plan(COUNTS, "compact"), "all": nested_plan(COUNTS, "all")}
    lossless = [DENSE] * 11 + [{"kind": "keep", "keep": [0], "keys": "compact"}]
    entries = []
    for name, pixels in images:
        pixels = torch.from_numpy(np.asarray(pixels, dtype=np.float64))
        logits = {plan: model.logits(pixels, blocks) for plan, blocks in plans.items()}
        assert (model.logits(pixels, lossless) - logits["dense"]).abs().max() < 1e-12
        for plan, values in logits.items():
            top5 = values.topk(5).indices.tolist()
            entries.append({"image": name, "plan": plan, "top5": top5, "logits": rounded(values)})
    versions = f"torch {torch.__version__}, Pillow {pillow_version}, numpy {np.__version__}"
    lines = ",\n".join("    " + json.dumps(entry, separators=(",", ":")) for entry in entries)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    head = f'{{\n  "source": "tools/golden/deit_forward.py, {versions}",\n  "counts": {json.dumps(COUNTS)},\n'
    OUT.write_text(f'{head}  "entries": [\n{lines}\n  ]\n}}\n')


def single(weights, pixels, plan):
    values = np.fromfile(pixels, "<f4").astype(np.float64)
    size = math.isqrt(values.size // 3)
    blocks = json.loads(Path(plan).read_text())["blocks"] if plan else None
    logits = Vit(read_safetensors(weights)).logits(torch.from_numpy(values.reshape(3, size, size)), blocks)
    json.dump({"top5": logits.topk(5).indices.tolist(), "logits": rounded(logits)}, sys.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=ROOT / ".." / "shared" / "data")
    for option in ("--weights", "--pixels", "--plan"):
        parser.add_argument(option)
    options = parser.parse_args()
    with torch.no_grad():
        if options.pixels:
            single(options.weights, options.pixels, options.plan)
        else:
            golden(options.data)


if __name__ == "__main__":
    main()
