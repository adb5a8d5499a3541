"""Reference values for packages/datasets: the preprocessing of DeiT and timm, computed by Pillow and numpy.

Writes packages/datasets/test/golden/preprocess.json. Run it with Debian's python3-pil and python3-numpy:

    /usr/bin/python3 tools/golden/preprocess.py [DATA]

DATA is the folder with imagenet_sample (default ../shared/data). There are three kinds of entries: patterns that the test draws
again with the same integer arithmetic, small files as base64, and names of real images with only sampled pixel
values. Every entry has the preprocessing, `levels` (300 values of the 8-bit crop [S, S, 3], at flat indices k * 500
modulo its size) and `sha256` (of the normalised float32 tensor [3, S, S], little endian).
"""

import base64
import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, __version__ as pillow_version

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".." / "shared" / "data"
OUT = ROOT / "packages" / "datasets" / "test" / "golden" / "preprocess.json"

DEIT = {"resize": 256, "crop": 224, "interpolation": "bicubic", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
AUGREG = {"resize": 248, "crop": 224, "interpolation": "bicubic", "mean": [0.5] * 3, "std": [0.5] * 3}
SMALL = {"resize": 40, "crop": 31, "interpolation": "bicubic", "mean": [0.5] * 3, "std": [0.5] * 3}


def pattern(width, height, seed, channels=3):
    """[height, width, channels] bytes: half ramps, half noise. test/pattern.ts draws the same."""
    y, x, c = np.meshgrid(*(np.arange(n, dtype=np.uint64) for n in (height, width, channels)), indexing="ij")
    mask = np.uint64(0xFFFFFFFF)
    mixed = (x * np.uint64(73856093)) ^ (y * np.uint64(19349663)) ^ (c * np.uint64(83492791)) ^ np.uint64(seed)
    noise = (((mixed & mask) * np.uint64(2654435761)) & mask) >> np.uint64(24)
    ramp = (x * np.uint64(5) + y * np.uint64(3) + c * np.uint64(40)) & np.uint64(255)
    return ((ramp + noise) >> np.uint64(1)).astype(np.uint8)


def crop_of(image, preprocessing):
    """[S, S, 3] bytes: torchvision's Resize(int, BICUBIC) and CenterCrop on a PIL image."""
    size, crop = preprocessing["resize"], preprocessing["crop"]
    width, height = image.size
    short, long = min(width, height), max(width, height)
    new_long = int(size * long / short)
    width, height = (size, new_long) if width <= height else (new_long, size)
    left, top = int(round((width - crop) / 2.0)), int(round((height - crop) / 2.0))
    resized = image.resize((width, height), Image.BICUBIC)
    return np.asarray(resized.crop((left, top, left + crop, top + crop)))


def normalized(levels, preprocessing):
    """[3, S, S] float32: torchvision's ToTensor and Normalize."""
    tensor = levels.transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    mean, std = (np.array(preprocessing[key], dtype=np.float32)[:, None, None] for key in ("mean", "std"))
    tensor = np.ascontiguousarray((tensor - mean) / std)
    assert tensor.dtype == np.float32
    return tensor


def entry(name, image, preprocessing, **source):
    levels = crop_of(image.convert("RGB"), preprocessing)
    tensor = normalized(levels, preprocessing)
    flat = levels.reshape(-1)
    return {
        "name": name,
        **source,
        "preprocessing": preprocessing,
        "levels": [int(flat[k * 500 % flat.size]) for k in range(300)],
        "sha256": hashlib.sha256(tensor.tobytes()).hexdigest(),
    }


def patterns():
    cases = [
        ("landscape, shrunk", 500, 375, DEIT),
        ("portrait, shrunk", 333, 500, DEIT),
        ("square, enlarged", 97, 97, DEIT),
        ("landscape, enlarged", 131, 90, DEIT),
        ("same size", 256, 301, DEIT),
        ("margins of half a pixel", 300, 257, DEIT),
        ("shrunk far", 1361, 1023, DEIT),
        ("a strip", 3, 41, DEIT),
        ("one pixel", 1, 1, DEIT),
        ("AugReg", 500, 375, AUGREG),
        ("odd crop", 64, 50, SMALL),
    ]
    for seed, (name, width, height, preprocessing) in enumerate(cases):
        drawn = {"width": width, "height": height, "seed": seed}
        yield entry(name, Image.fromarray(pattern(**drawn)), preprocessing, pattern=drawn)


def files():
    """Small files of every kind. Lossless ones must match exactly; JPEG within one level."""
    rgb = Image.fromarray(pattern(60, 44, 99))
    alpha = Image.fromarray(pattern(60, 44, 5, 1)[:, :, 0])
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    grey = rgb.convert("L")
    palette = rgb.quantize(64)
    exif = Image.Exif()
    exif[274] = 6  # "rotate 90 degrees": timm ignores it
    yield from (
        encoded("rgb.png", rgb),
        encoded("alpha.png", rgba),
        encoded("grey.png", grey),
        encoded("grey-alpha.png", rgba.convert("LA")),
        encoded("palette.png", palette),
        encoded("palette-transparent.png", palette, transparency=3),
        encoded("bilevel.png", rgb.convert("1")),
        encoded("lossless.webp", rgb, lossless=True),
        encoded("rgb.jpg", rgb, quality=90),
        encoded("grey.jpg", grey, quality=90),
        encoded("progressive.jpg", rgb, quality=90, progressive=True),
        encoded("subsampled.jpg", rgb, quality=75, subsampling=2),
        encoded("rotated-by-exif.jpg", rgb, quality=90, exif=exif.tobytes()),
    )


def encoded(name, image, **options):
    buffer = io.BytesIO()
    formats = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
    image.save(buffer, formats[name.rsplit(".")[1]], **options)
    data = base64.b64encode(buffer.getvalue()).decode()
    return entry(name, Image.open(io.BytesIO(buffer.getvalue())), SMALL, base64=data)


def real():
    """Ten images over the range of sizes, one of them grey; only sampled values are written."""
    folder = DATA / "imagenet_sample" / "images"
    by_area = sorted(folder.iterdir(), key=lambda path: (np.prod(Image.open(path).size), path.name))
    chosen = [by_area[i] for i in (0, 3, 30, 97, 250, 500, 750, 960, 999)]
    chosen.append(next(path for path in by_area if Image.open(path).mode == "L"))
    for path in chosen:
        yield entry(path.name, Image.open(path), DEIT, file=f"imagenet_sample/images/{path.name}")


def main():
    document = {
        "source": f"tools/golden/preprocess.py, Pillow {pillow_version}, numpy {np.__version__}",
        "patterns": list(patterns()),
        "files": list(files()),
        "real": list(real()),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(document, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
