"""Golden models of timm: VisionTransformer, VisionTransformerDistilled, Eva and Beit under the architectures of published weights."""

import json
import tempfile
from pathlib import Path

import timm
import torch
from timm.models._hub import save_config_for_hf

from family_case import SIZES, Case

# Patches of 5: 36 on an image of 30.
FIVES = {"img_size": 30, "patch_size": 5}


def build(architecture, **changes):
    return timm.create_model(architecture, **{**SIZES, **changes}).eval()


def config_of(model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        save_config_for_hf(model, path)
        return json.loads(path.read_text())


def is_present(module):
    return not isinstance(module, torch.nn.Identity)


def outputs_of(model, pixels):
    """In float64. The features, and what the head makes of them."""
    model = model.double()
    tokens = model.forward_features(pixels.double())
    return {"tokens": tokens, ("logits" if model.num_classes else "embedding"): model.forward_head(tokens)}


def shapes_of(model):
    return [(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()]


def case_of(name, model, image_size, **more):
    def run(tensors, pixels):
        model.load_state_dict(tensors)
        return outputs_of(model, pixels)

    return Case(
        name=f"timm-{name}",
        source={"library": "timm", "class": type(model).__name__, "names": "timm"},
        shapes=shapes_of(model),
        run=run,
        prefix=model.num_prefix_tokens,
        normed=is_present(model.norm),
        config=config_of(model),
        image_size=image_size,
        **more,
    )


def timm_case(name, architecture, **changes):
    return case_of(name, build(architecture, **changes), changes.get("img_size", SIZES["img_size"]))


def timm_cases():
    yield timm_case("augreg", "vit_tiny_patch16_224.augreg_in21k_ft_in1k", num_classes=5)
    yield timm_case("augreg-headless", "vit_tiny_patch16_224.augreg_in21k", num_classes=0, mlp_ratio=3)
    yield timm_case("mae-finetuned", "vit_base_patch16_224.mae", num_classes=5, global_pool="avg", **FIVES)
    yield timm_case("deit3", "deit3_small_patch16_224.fb_in1k", num_classes=5)
    yield timm_case("deit-distilled", "deit_tiny_distilled_patch16_224.fb_in1k", num_classes=5)
    yield timm_case("dinov2", "vit_small_patch14_dinov2.lvd142m", **FIVES)
    yield timm_case("dinov2-swiglu", "vit_giant_patch14_dinov2.lvd142m", **FIVES)
    yield timm_case("dinov2-registers", "vit_small_patch14_reg4_dinov2.lvd142m", **FIVES)
    yield timm_case("siglip", "vit_base_patch16_siglip_224.webli")
    yield timm_case("siglip-classifier", "vit_so400m_patch14_siglip_384.webli", num_classes=5, **FIVES)
    yield timm_case("siglip2", "vit_base_patch32_siglip_256.v2_webli")
    yield timm_case("siglip-mean", "vit_base_patch16_siglip_gap_224.webli")
    yield timm_case("clip", "vit_base_patch16_clip_224.laion2b", num_classes=7)
    yield timm_case("clip-quickgelu", "vit_base_patch16_clip_quickgelu_224.openai", num_classes=7)
    yield timm_case("clip-classifier", "vit_base_patch16_clip_224.laion2b_ft_in1k", num_classes=5, **FIVES)
    yield timm_case("eva02-small", "eva02_small_patch14_336.mim_in22k_ft_in1k", num_classes=5, **FIVES)
    yield timm_case("eva02-tiny-headless", "eva02_tiny_patch14_224.mim_in22k", **FIVES)
    yield timm_case("eva02-base", "eva02_base_patch14_448.mim_in22k_ft_in22k_in1k", num_classes=5)
    yield timm_case("eva02-clip", "eva02_base_patch16_clip_224.merged2b", num_classes=7)
    yield timm_case("dinov3", "vit_small_patch16_dinov3.lvd1689m")
    yield timm_case("dinov3-classifier", "vit_base_patch16_dinov3.lvd1689m", num_classes=5, global_pool="token", **FIVES)
    yield timm_case("dinov3-bias", "vit_small_patch16_dinov3_qkvb.lvd1689m")
    yield timm_case("dinov3-swiglu", "vit_small_plus_patch16_dinov3.lvd1689m")
    yield timm_case("dinov3-swiglu-bias", "vit_small_plus_patch16_dinov3_qkvb.lvd1689m")
    yield timm_case("beit", "beit_base_patch16_224.in22k_ft_in22k_in1k", num_classes=5)
    yield timm_case("beit-class-token", "beitv2_base_patch16_224.in1k_ft_in22k_in1k", num_classes=5, global_pool="token", **FIVES)


def full_size_cases():
    """As published: all blocks, whole images. One row of tokens is enough beside the embedding."""
    for name, architecture in [("dinov3-small", "vit_small_patch16_dinov3.lvd1689m"), ("siglip-base", "vit_base_patch16_siglip_224.webli")]:
        yield case_of(name, timm.create_model(architecture, img_size=224).eval(), 224, rows=(-1,))
