"""What transformers' and timm's own processors (the ones that use Pillow) make of odd images, for many config files.

Run with transformers 5, timm, torchvision and Pillow 12 installed (13 resizes tall images down before across, which moves levels by one or more):
    python tools/golden/preprocess_configs.py
Writes packages/datasets/test/golden/preprocess-configs.json: for each configuration the files as people have them, and the SHA-256 of
the float32 tensor [3, H, W], little endian, for each image; the first 8 hex digits of it. Images are drawn, see preprocess.py.
"""

import hashlib
import json
import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import PIL
import timm
import torch
import transformers
from PIL import Image
from timm.data import create_transform, resolve_data_config
from timm.models._hub import _parse_model_cfg
from transformers.models.beit.image_processing_pil_beit import BeitImageProcessorPil
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from preprocess import ROOT, pattern

OUT = ROOT / "packages" / "datasets" / "test" / "golden" / "preprocess-configs.json"

# Width and height: odd, even, tall, wide, tiny, a strip, one pixel, larger than everything.
SIZES = [(37, 53), (64, 41), (45, 45), (33, 100), (101, 34), (7, 9), (24, 24), (25, 24), (23, 61), (129, 87), (1, 3), (90, 31)]

CLASSES = {
    "ViT": ViTImageProcessorPil, "DeiT": DeiTImageProcessorPil, "Beit": BeitImageProcessorPil,
    "CLIP": CLIPImageProcessorPil, "Bit": BitImageProcessorPil, "Siglip": SiglipImageProcessorPil,
}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALF = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}


def hugging_face():
    """Name, config.json, preprocessor_config.json."""
    size = {"height": 24, "width": 24}
    for resample in range(6):
        yield f"squash, resample {resample}", {}, {"image_processor_type": "ViTImageProcessor", "size": size, "resample": resample, **HALF}
        yield f"shorter side and crop, resample {resample}", {}, {
            "image_processor_type": "CLIPImageProcessorFast", "size": {"shortest_edge": 27}, "crop_size": size, "do_center_crop": True,
            "resample": resample, **IMAGENET,
        }
    yield "an old file of ViT", {}, {"feature_extractor_type": "ViTFeatureExtractor", "do_normalize": True, "do_resize": True, "size": 24, "resample": 2, **HALF}
    yield "an old file of DeiT", {}, {
        "feature_extractor_type": "DeiTFeatureExtractor", "do_center_crop": True, "crop_size": 23, "do_normalize": True, "do_resize": True,
        "size": 27, "resample": 3, **IMAGENET,
    }
    yield "an old file of CLIP", {}, {
        "feature_extractor_type": "CLIPFeatureExtractor", "do_center_crop": True, "crop_size": 24, "do_normalize": True, "do_resize": True,
        "size": 24, "resample": 3, "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    yield "no class, but a kind of model", {"model_type": "deit"}, {"size": 30, "crop_size": 25, **IMAGENET}
    yield "no class and no kind of model", {}, {"size": 25, **HALF}
    yield "a list", {}, {"image_processor_type": "ViTImageProcessor", "size": [24, 26], **HALF}
    yield "numbers for all channels", {}, {"image_processor_type": "ViTImageProcessor", "size": size, "image_mean": 0.5, "image_std": 0.25}
    yield "not normalised", {}, {"image_processor_type": "ViTImageProcessor", "size": size, "do_normalize": False, **HALF}
    yield "not rescaled", {}, {"image_processor_type": "ViTImageProcessor", "size": size, "do_rescale": False, "image_mean": [120.5] * 3, "image_std": [60.25] * 3}
    yield "neither rescaled nor normalised", {}, {"image_processor_type": "ViTImageProcessor", "size": size, "do_rescale": False, "do_normalize": False}
    yield "another factor", {}, {"image_processor_type": "ViTImageProcessor", "size": size, "rescale_factor": 0.00784313725490196, **HALF}
    yield "not resized", {}, {"image_processor_type": "BitImageProcessor", "do_resize": False, "crop_size": {"height": 24, "width": 24}, **IMAGENET}
    yield "a crop larger than the image", {}, {"image_processor_type": "DeiTImageProcessor", "size": {"height": 20, "width": 22}, "crop_size": {"height": 25, "width": 25}, **HALF}
    yield "a longest side", {}, {
        "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 24, "longest_edge": 31}, "crop_size": 24, **IMAGENET,
    }
    yield "defaults of ViT", {}, {"image_processor_type": "ViTImageProcessor", "size": {"height": 24, "width": 24}}
    yield "defaults of Siglip", {}, {"image_processor_type": "SiglipImageProcessor", "size": {"height": 24, "width": 24}}
    yield "defaults of Beit", {}, {"image_processor_type": "BeitImageProcessor", "size": 27, "crop_size": 24}
    yield "defaults of Bit", {}, {"image_processor_type": "BitImageProcessor", "size": 27, "crop_size": 24}
    yield "steps that are null", {}, {
        "image_processor_type": "BitImageProcessor", "size": {"height": 27, "width": 25}, "crop_size": 24, "do_center_crop": None,
        "do_rescale": None, "do_normalize": None, "do_pad": None, "do_convert_rgb": None,
    }
    yield "a number for Siglip, cropped", {}, {"image_processor_type": "SiglipImageProcessor", "size": 27, "do_center_crop": True, "crop_size": 23}


def timm_files():
    """Name, config.json."""
    base = {"input_size": [3, 24, 24], "interpolation": "bicubic", "crop_pct": 0.9, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    nested = lambda **changes: {"architecture": "vit_tiny_patch16_224", "num_classes": 10, "pretrained_cfg": {**base, **changes}}
    for interpolation in ("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"):
        yield f"timm, {interpolation}", nested(interpolation=interpolation)
    for mode in ("center", "squash", "border"):
        for fraction in (1.0, 0.875, 0.96):
            yield f"timm, {mode}, {fraction}", nested(crop_mode=mode, crop_pct=fraction, mean=[0.5, 0.3, 0.42])
    yield "timm, a crop larger than the image", nested(crop_pct=1.2)
    yield "timm, flat", {"architecture": "deit_tiny_patch16_224", "num_classes": 10, **base}
    yield "timm, its defaults", {"architecture": "vit_tiny_patch16_224", "pretrained_cfg": {"input_size": [3, 25, 25]}}
    yield "timm, a network of a fixed size", {**nested(fixed_input_size=True), "model_args": {"img_size": 25}}


def with_transformers(config, preprocessor):
    named = preprocessor.get("image_processor_type") or preprocessor.get("feature_extractor_type")
    stem = named.replace("ImageProcessorFast", "").replace("ImageProcessor", "").replace("FeatureExtractor", "") if named else None
    cls = CLASSES[stem or {"deit": "DeiT"}.get(config.get("model_type"), "ViT")]
    processor = cls.from_dict(dict(preprocessor))
    return lambda image: processor(image, return_tensors="np")["pixel_values"][0]


def with_timm(config):
    pretrained, _, _ = _parse_model_cfg(json.loads(json.dumps(config)), {})
    transform = create_transform(**resolve_data_config({}, pretrained_cfg=pretrained), is_training=False)
    return lambda image: transform(image).numpy()


def entry(name, files, process):
    hashes = []
    for seed, (width, height) in enumerate(SIZES):
        tensor = process(Image.fromarray(pattern(width, height, seed)))
        tensor = np.ascontiguousarray(np.asarray(tensor).astype(np.float32))
        assert tensor.ndim == 3 and tensor.shape[0] == 3, (name, tensor.shape)
        hashes.append(hashlib.sha256(tensor.tobytes()).hexdigest()[:8])
    return {"name": name, **files, "shape": list(tensor.shape), "hashes": hashes}


def main():
    entries = [
        entry(name, {"config": config, "preprocessor": preprocessor}, with_transformers(config, preprocessor))
        for name, config, preprocessor in hugging_face()
    ]
    entries += [entry(name, {"config": config}, with_timm(config)) for name, config in timm_files()]
    versions = ", ".join(f"{m.__name__} {m.__version__}" for m in (transformers, timm, torch, PIL, np))
    document = {"source": f"tools/golden/preprocess_configs.py, {versions}", "sizes": SIZES, "entries": entries}
    OUT.write_text(json.dumps(document, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
    print(len(entries), "configurations")


if __name__ == "__main__":
    main()
