"""Parameters and multiply-accumulates of published models, built on the meta device: no weights, no arithmetic."""

import timm
import torch
import transformers as hf
from timm.layers import set_fused_attn
from torch.utils.flop_counter import FlopCounterMode

TIMM = [
    ("deit_tiny_patch16_224", 224, 1000),
    ("deit_small_patch16_224", 224, 1000),
    ("deit_base_patch16_224", 224, 1000),
    ("vit_large_patch16_224", 224, 1000),
    ("deit_tiny_distilled_patch16_224", 224, 1000),
    ("deit_small_distilled_patch16_224", 224, 1000),
    ("deit_base_distilled_patch16_224", 224, 1000),
    ("deit_base_patch16_384", 384, 1000),
    ("deit3_small_patch16_224", 224, 1000),
    ("vit_small_patch14_dinov2", 518, 0),
    ("vit_small_patch14_dinov2", 224, 0),
    ("vit_base_patch14_dinov2", 518, 0),
    ("vit_small_patch14_reg4_dinov2", 518, 0),
    ("vit_base_patch32_clip_quickgelu_224", 224, 512),
    ("vit_base_patch16_clip_quickgelu_224", 224, 512),
    ("vit_large_patch14_clip_quickgelu_224", 224, 768),
    ("vit_base_patch16_siglip_224", 224, 0),
    ("vit_base_patch32_siglip_256", 256, 0),
    ("vit_so400m_patch14_siglip_384", 384, 0),
    ("vit_small_patch16_dinov3", 224, 0),
    ("vit_small_patch16_dinov3", 256, 0),
    ("vit_small_plus_patch16_dinov3", 256, 0),
    ("vit_base_patch16_dinov3", 256, 0),
    ("eva02_tiny_patch14_224", 224, 0),
    ("eva02_small_patch14_224", 224, 0),
    ("beit_base_patch16_224", 224, 1000),
]
BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
SMALL = {"hidden_size": 384, "num_attention_heads": 6}
CLIP, SIGLIP = hf.CLIPVisionModelWithProjection, hf.SiglipVisionModel
TRANSFORMERS = [
    ("ViT-B/16", hf.ViTForImageClassification, hf.ViTConfig(num_labels=1000)),
    ("DeiT-B/16, two heads", hf.DeiTForImageClassificationWithTeacher, hf.DeiTConfig(num_labels=1000)),
    ("CLIP B/32", CLIP, hf.CLIPVisionConfig(projection_dim=512)),
    ("CLIP B/16", CLIP, hf.CLIPVisionConfig(patch_size=16, projection_dim=512)),
    ("CLIP L/14", CLIP, hf.CLIPVisionConfig(**LARGE, patch_size=14, projection_dim=768)),
    ("SigLIP B/16", SIGLIP, hf.SiglipVisionConfig(**BASE)),
    ("SigLIP2 B/32", SIGLIP, hf.SiglipVisionConfig(**BASE, patch_size=32, image_size=256)),
    ("DINOv2 S/14", hf.Dinov2Model, hf.Dinov2Config(**SMALL, image_size=518)),
    ("DINOv2-reg S/14", hf.Dinov2WithRegistersModel, hf.Dinov2WithRegistersConfig(**SMALL, patch_size=14, image_size=518)),
    ("DINOv3 S/16", hf.DINOv3ViTModel, hf.DINOv3ViTConfig(num_register_tokens=4)),
    ("BEiT-B/16", hf.BeitForImageClassification, hf.BeitConfig(use_relative_position_bias=True, num_labels=1000)),
]


def counts(model, image_size):
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model.eval().requires_grad_(False)(torch.empty(1, 3, image_size, image_size, device="meta"))
    return sum(parameter.numel() for parameter in model.parameters()), counter.get_total_flops() // 2


def print_counts():
    set_fused_attn(False)  # the counter knows products of matrices
    for architecture, image_size, classes in TIMM:
        with torch.device("meta"):
            model = timm.create_model(architecture, img_size=image_size, num_classes=classes)
        print("timm", f"{architecture} @{image_size}", *counts(model, image_size), sep=" | ")
    for name, cls, config in TRANSFORMERS:
        config._attn_implementation = "eager"
        with torch.device("meta"):
            model = cls(config)
        print("transformers", f"{name} @{config.image_size}", *counts(model, config.image_size), sep=" | ")
