"""Small weight files for packages/vit-models, written by PyTorch and NumPy themselves.

Writes packages/vit-models/test/golden/weight-files.json: each file as base64 of its gzip, and the tensors that
must be read from it. Needs torch and numpy from PyPI:

    python3 -m venv venv && venv/bin/pip install torch numpy && venv/bin/python tools/golden/weight_files.py

The model has 8 channels, 2 heads, one block, patches of 2 pixels and images of 4. Every weight is a small multiple of 1/8,
exact in float16 and bfloat16, and made of the tensor's name and the element's index (`values`); the tests make the same.
"""

import argparse
import base64
import collections
import gzip
import io
import json
import pickle
from pathlib import Path

import numpy as np
import torch

OUT = Path(__file__).resolve().parents[2] / "packages" / "vit-models" / "test" / "golden" / "weight-files.json"

D, HEADS, MLP, CLASSES, PATCH, TOKENS = 8, 2, 12, 3, 2, 5


def shapes():
    block = "blocks.0"
    return {
        "cls_token": (1, 1, D),
        "pos_embed": (1, TOKENS, D),
        "patch_embed.proj.weight": (D, 3, PATCH, PATCH),
        "patch_embed.proj.bias": (D,),
        f"{block}.norm1.weight": (D,),
        f"{block}.norm1.bias": (D,),
        f"{block}.attn.qkv.weight": (3 * D, D),
        f"{block}.attn.qkv.bias": (3 * D,),
        f"{block}.attn.proj.weight": (D, D),
        f"{block}.attn.proj.bias": (D,),
        f"{block}.norm2.weight": (D,),
        f"{block}.norm2.bias": (D,),
        f"{block}.mlp.fc1.weight": (MLP, D),
        f"{block}.mlp.fc1.bias": (MLP,),
        f"{block}.mlp.fc2.weight": (D, MLP),
        f"{block}.mlp.fc2.bias": (D,),
        "norm.weight": (D,),
        "norm.bias": (D,),
        "head.weight": (CLASSES, D),
        "head.bias": (CLASSES,),
    }


def values(name, shape):
    seed = sum((i + 1) * ord(letter) for i, letter in enumerate(name))
    index = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (((index * 37 + seed) % 101 - 50) / 8).astype(np.float32).reshape(shape)


def weights(dtype=torch.float32):
    return collections.OrderedDict((name, torch.from_numpy(values(name, shape)).to(dtype)) for name, shape in shapes().items())


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def other(state):
    """The same names with other values: what must not be read."""
    return {name: tensor + 1 for name, tensor in state.items()}


def module_state():
    """A state_dict as modules make it, with `_metadata`, and a buffer of integers."""
    layer = torch.nn.BatchNorm1d(2)
    state = layer.state_dict()
    state.clear()
    state.update(weights())
    state["num_batches_tracked"] = torch.tensor(3)
    return state


def strided():
    """Transposed, sliced and shared storages."""
    state = weights()
    state["head.weight"] = state["head.weight"].t().contiguous().t()
    pool = torch.zeros(4 * D)
    pool[D : 2 * D] = state["norm.weight"]
    state["norm.weight"] = pool[D : 2 * D]
    wide = torch.zeros(D, 2 * MLP)
    wide[:, ::2] = state["blocks.0.mlp.fc2.weight"]
    state["blocks.0.mlp.fc2.weight"] = wide[:, ::2]
    kernel = state["patch_embed.proj.weight"]
    state["patch_embed.proj.weight"] = kernel.to(memory_format=torch.channels_last)
    return state


def training():
    """As DeiT's main.py and timm's saver write it."""
    state = weights()
    parameters = [torch.nn.Parameter(tensor.clone()) for tensor in state.values()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    sum(parameter.sum() for parameter in parameters).backward()
    optimizer.step()
    return {
        "model": state,
        "optimizer": optimizer.state_dict(),
        "lr_scheduler": {"milestones": collections.Counter([1, 2]), "base_lrs": [0.1]},
        "epoch": 299,
        "best": np.float64(81.5),
        "args": argparse.Namespace(model="vit", lr=5e-4, betas=(0.9, 0.999), names={"a", "b"}, none=None, big=1 << 80),
    }


def flax():
    """AugReg's names and layout."""
    state = {name: tensor.numpy() for name, tensor in weights().items()}
    block = "Transformer/encoderblock_0"
    attention = f"{block}/MultiHeadDotProductAttention_1"
    arrays = {
        "cls": state["cls_token"],
        "embedding/kernel": state["patch_embed.proj.weight"].transpose(2, 3, 1, 0),
        "embedding/bias": state["patch_embed.proj.bias"],
        "Transformer/posembed_input/pos_embedding": state["pos_embed"],
        "Transformer/encoder_norm/scale": state["norm.weight"],
        "Transformer/encoder_norm/bias": state["norm.bias"],
        "head/kernel": state["head.weight"].T,
        "head/bias": state["head.bias"],
        f"{attention}/out/kernel": state["blocks.0.attn.proj.weight"].T.reshape(HEADS, D // HEADS, D),
        f"{attention}/out/bias": state["blocks.0.attn.proj.bias"],
    }
    for i, part in enumerate(("query", "key", "value")):
        rows = slice(i * D, (i + 1) * D)
        kernel = state["blocks.0.attn.qkv.weight"][rows]
        arrays[f"{attention}/{part}/kernel"] = kernel.T.reshape(D, HEADS, D // HEADS)
        arrays[f"{attention}/{part}/bias"] = state["blocks.0.attn.qkv.bias"][rows].reshape(HEADS, D // HEADS)
    for i, norm in ((0, "norm1"), (2, "norm2")):
        arrays[f"{block}/LayerNorm_{i}/scale"] = state[f"blocks.0.{norm}.weight"]
        arrays[f"{block}/LayerNorm_{i}/bias"] = state[f"blocks.0.{norm}.bias"]
    for i, layer in enumerate(("fc1", "fc2")):
        arrays[f"{block}/MlpBlock_3/Dense_{i}/kernel"] = state[f"blocks.0.mlp.{layer}.weight"].T
        arrays[f"{block}/MlpBlock_3/Dense_{i}/bias"] = state[f"blocks.0.mlp.{layer}.bias"]
    return arrays


def npz(arrays, packed=False):
    buffer = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def parameters():
    return collections.OrderedDict((name, torch.nn.Parameter(tensor)) for name, tensor in weights().items())


def attributes():
    """A tensor with an attribute is rebuilt from its type."""
    state = weights()
    state["norm.bias"].note = "kept"
    return state


def files():
    state = weights()
    yield "state-dict.pth", saved(state), {}
    yield "legacy.pth", saved(state, _use_new_zipfile_serialization=False), {}
    yield "legacy-training.pth", saved(training(), _use_new_zipfile_serialization=False), {}
    yield "training.pth", saved(training()), {}
    yield "module-state.bin", saved(module_state()), {"ignored": ["num_batches_tracked"]}
    yield "strided.pt", saved(strided()), {}
    yield "legacy-strided.pt", saved(strided(), _use_new_zipfile_serialization=False), {}
    yield "parameters.pt", saved(parameters()), {}
    yield "attributes.pt", saved(attributes()), {}
    yield "half.pth", saved(weights(torch.float16)), {}
    yield "bfloat.pth", saved(weights(torch.bfloat16)), {}
    yield "double.pth", saved(weights(torch.float64)), {}
    yield "protocol-4.pth", saved(state, pickle_protocol=4), {}
    yield "protocol-5.pth", saved(state, pickle_protocol=5), {}
    yield "wrapped.pth", saved({"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}), {}
    yield "ema.pth", saved({"state_dict": other(state), "state_dict_ema": state, "epoch": 3}), {"remark": "state_dict_ema"}
    yield "teacher.pth", saved({"student": other(state), "teacher": state}), {"remark": "teacher"}
    yield "nested.pth", saved({"model": {"state_dict": state}, "epoch": 3}), {}
    yield "flax.npz", npz(flax()), {"npz": True}
    yield "flax-packed.npz", npz({f"opt/target/{name}": array for name, array in flax().items()}, True), {"npz": True}
    fortran = {name: np.asfortranarray(array).astype(np.float16) for name, array in flax().items()}
    yield "flax-fortran.npz", npz(fortran), {"npz": True}
    float8 = {**state, "head.weight": state["head.weight"].to(torch.float8_e4m3fn)}
    yield "float8.pth", saved(float8), {"refused": "float8_e4m3fn"}
    expanded = {**state, "head.weight": torch.zeros(1, 1).expand(CLASSES, D)}
    yield "expanded.pth", saved(expanded), {"refused": "repeats the elements"}
    negative = {**state, "head.weight": torch._neg_view(state["head.weight"])}
    yield "negative.pth", saved(negative), {"refused": "no negative or conjugate view"}
    yield "module.pth", saved(torch.nn.Linear(2, 2)), {"refused": "torch.nn.modules.linear.Linear"}
    yield "tensor.pth", saved(torch.zeros(2)), {"refused": "got one tensor"}
    yield "list.pth", pickle.dumps([1, 2], protocol=2), {"refused": "not of torch.save"}
    yield "script.pt", scripted(), {"refused": "TorchScript"}
    yield "one.npz", npz({"a": np.zeros(2)}), {"refused": "not those of an AugReg ViT"}


def scripted():
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), buffer)
    return buffer.getvalue()


def main():
    entries = [
        {"name": name, **told, "gzip": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()}
        for name, data, told in files()
    ]
    document = {"source": f"tools/golden/weight_files.py, torch {torch.__version__}, numpy {np.__version__}", "files": entries}
    OUT.write_text(json.dumps(document, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
    print({entry["name"]: len(entry["gzip"]) for entry in entries}, OUT.stat().st_size)


if __name__ == "__main__":
    main()
