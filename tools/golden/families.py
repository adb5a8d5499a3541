"""Reference values of every model family: small models of the real classes of timm and transformers, and two of full size.

Needs timm, transformers (5 or later) and torchvision. Run from the repository root:
    python tools/golden/families.py [PART OF A NAME]
        writes packages/vit-models/test/golden/families/NAME.json: the names and shapes of a checkpoint as the library saves it, its
        config.json and preprocessor_config.json, and what the library computes from two images, in float64. The weights and images
        follow from their names, see family_weights.py; a checksum proves that a reader made the same ones. The models of full size go
        to golden/full-size.
    python tools/golden/families.py --counts
        prints parameters and multiply-accumulates of the published models, built without weights.
"""

import argparse
import json
import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import timm
import torch
import transformers

from family_case import Case
from family_counts import print_counts
from family_weights import PIXELS, checksum, tensors_of, values
from original_families import original_cases
from timm_families import full_size_cases, timm_cases
from transformers_families import transformers_cases

transformers.logging.disable_progress_bar()
ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "packages" / "vit-models" / "test" / "golden"
LARGEST = 60_000
# Rows of tokens that are kept after the prefix: first, some in the middle, last.
PATCHES = (0, 7, 11, -1)


def rounded(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.7g}") for value in tensor.flatten().tolist()]}


def document(case: Case):
    tensors = tensors_of(case.shapes, case.constants)
    image = [2, 3, case.image_size, case.image_size]
    pixels = values(PIXELS, image)
    outputs = case.run(tensors, pixels)
    tokens = outputs.pop("tokens")
    count = tokens.shape[1]
    rows = [*range(case.prefix), *(case.prefix + i if i >= 0 else count + i for i in PATCHES)]
    if case.rows:
        rows = [i % count for i in case.rows]
    for name, output in {**outputs, "tokens": tokens}.items():
        assert output.dtype == torch.float64 and 0.05 < output.std() < 20, (case.name, name, output.std())
        assert (output[0] - output[1]).std() > 0.01, f"{case.name}: {name} does not depend on the image"
    versions = f"torch {torch.__version__.split('+')[0]}, timm {timm.__version__}, transformers {transformers.__version__}"
    fields = {
        "maker": f"tools/golden/families.py, {versions}",
        "source": case.source,
        "config": case.config,
        "preprocessor": case.preprocessor,
        "untold": case.untold or None,
        "tensors": [[name, list(shape)] for name, shape in case.shapes],
        "constants": case.constants or None,
        "image": [PIXELS, image],
        "checksum": checksum(tensors, pixels),
        "outputs": {
            **{name: rounded(output) for name, output in outputs.items()},
            "tokens": {"normed": case.normed, "rows": rows, **rounded(tokens[:, rows])},
        },
    }
    return {key: value for key, value in fields.items() if value is not None}


def written(fields):
    """One line a field, and one a tensor or an output."""
    lists = {"tensors": "[]", "outputs": "{}"}
    lines = []
    for key, value in fields.items():
        text = json.dumps(value)
        if key in lists:
            entries = map(json.dumps, value) if key == "tensors" else (f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            text = lists[key][0] + "\n    " + ",\n    ".join(entries) + "\n  " + lists[key][1]
        lines.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("part", nargs="?", default="")
    parser.add_argument("--counts", action="store_true")
    options = parser.parse_args()
    if options.counts:
        return print_counts()
    with torch.no_grad():
        write_all("families", [*timm_cases(), *transformers_cases(), *original_cases()], options.part)
        write_all("full-size", full_size_cases(), options.part)


def write_all(folder, cases, part):
    """Writes the cases whose names contain the part; without a part, also deletes the files of cases that are gone."""
    out = OUT / folder
    out.mkdir(parents=True, exist_ok=True)
    names = set()
    for case in cases:
        assert case.name not in names, f"two cases have the name {case.name}"
        names.add(case.name)
        if part not in case.name:
            continue
        text = written(document(case))
        assert len(text) < LARGEST, f"{case.name}: {len(text)} bytes"
        (out / f"{case.name}.json").write_text(text)
        print(case.name, len(text))
    if not part:
        for file in out.glob("*.json"):
            if file.stem not in names:
                file.unlink()


if __name__ == "__main__":
    main()
