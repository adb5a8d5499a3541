"""Golden models under the names of the original repositories; timm's own filters of checkpoints map them to its classes."""

import re

from timm.models.eva import checkpoint_filter_fn as from_dinov3
from timm.models.vision_transformer import checkpoint_filter_fn as from_original

from family_case import SIZES, Case
from timm_families import FIVES, build, outputs_of, shapes_of

# timm's names → OpenAI's, below `visual.`.
OPENAI = [
    (r"^cls_token$", "class_embedding"),
    (r"^pos_embed$", "positional_embedding"),
    (r"^patch_embed\.proj", "conv1"),
    (r"^norm_pre", "ln_pre"),
    (r"^norm", "ln_post"),
    (r"^head\.weight$", "proj"),
    (r"^blocks\.", "transformer.resblocks."),
    (r"\.norm", ".ln_"),
    (r"\.attn\.qkv\.", ".attn.in_proj_"),
    (r"\.attn\.proj", ".attn.out_proj"),
    (r"\.mlp\.fc1", ".mlp.c_fc"),
    (r"\.mlp\.fc2", ".mlp.c_proj"),
]
# A text encoder of width 16 and its numbers lie in the same file.
OPENAI_TEXT = [
    ("positional_embedding", (4, 16)),
    ("text_projection", (16, 7)),
    ("logit_scale", ()),
    ("token_embedding.weight", (9, 16)),
    ("transformer.resblocks.0.attn.in_proj_weight", (48, 16)),
    ("transformer.resblocks.0.attn.in_proj_bias", (48,)),
    ("transformer.resblocks.0.attn.out_proj.weight", (16, 16)),
    ("transformer.resblocks.0.attn.out_proj.bias", (16,)),
    ("transformer.resblocks.0.ln_1.weight", (16,)),
    ("transformer.resblocks.0.ln_1.bias", (16,)),
    ("transformer.resblocks.0.mlp.c_fc.weight", (64, 16)),
    ("transformer.resblocks.0.mlp.c_fc.bias", (64,)),
    ("transformer.resblocks.0.mlp.c_proj.weight", (16, 64)),
    ("transformer.resblocks.0.mlp.c_proj.bias", (16,)),
    ("transformer.resblocks.0.ln_2.weight", (16,)),
    ("transformer.resblocks.0.ln_2.bias", (16,)),
    ("ln_final.weight", (16,)),
    ("ln_final.bias", (16,)),
]


def renamed(name, rules):
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def original_case(name, whose, model, shapes, convert, image_size, constants=None):
    def run(tensors, pixels):
        model.load_state_dict(convert(dict(tensors), model))
        return outputs_of(model, pixels)

    return Case(
        name=f"original-{name}",
        source={"library": "timm", "class": type(model).__name__, "names": whose},
        shapes=shapes,
        run=run,
        prefix=model.num_prefix_tokens,
        normed=True,
        image_size=image_size,
        untold={"heads": SIZES["num_heads"]},
        constants=constants or {},
    )


def openai_clip():
    model = build("vit_base_patch16_clip_quickgelu_224.openai", num_classes=7)
    shapes = []
    for name, shape in shapes_of(model):
        if name == "head.bias":
            continue  # timm's own, zero
        if name == "head.weight":
            shape = shape[::-1]
        if name in ("cls_token", "pos_embed"):
            shape = shape[2:] if name == "cls_token" else shape[1:]
        shapes.append((f"visual.{renamed(name, OPENAI)}", shape))
    return original_case("clip", "OpenAI CLIP", model, [*OPENAI_TEXT, *shapes], from_original, SIZES["img_size"])


def deit3():
    model = build("deit3_small_patch16_224.fb_in1k", num_classes=5)
    shapes = [(re.sub(r"ls(\d)\.gamma", r"gamma_\1", name), shape) for name, shape in shapes_of(model)]
    convert = lambda tensors, model: from_original({"model": tensors}, model, adapt_layer_scale=True)
    return original_case("deit3", "facebookresearch/deit", model, shapes, convert, SIZES["img_size"])


def dinov2(name, architecture):
    """Positions include the class token's in every variant: timm adds it to the class token where there are registers."""
    model = build(architecture, **FIVES)
    shapes = [("mask_token", (1, SIZES["embed_dim"]))]
    for key, shape in shapes_of(model):
        if key == "reg_token":
            key = "register_tokens"
        if key == "pos_embed":
            shape = (1, 37, shape[2])
        if "swiglu" in name:
            key = key.replace("mlp.fc1", "mlp.w12").replace("mlp.fc2", "mlp.w3")
        shapes.append((key, shape))
    return original_case(name, "facebookresearch/dinov2", model, shapes, from_original, FIVES["img_size"])


def dinov3(name, architecture):
    """`qkv.bias` holds a key bias that `bias_mask` sets to zero; `periods` are those of the rotary positions."""
    model = build(architecture, global_pool="token")
    width = SIZES["embed_dim"]
    quarter = width // SIZES["num_heads"] // 4
    shapes = [("mask_token", (1, width)), ("rope_embed.periods", (quarter,))]
    constants = {"rope_embed.periods": [100 ** (j / quarter) for j in range(quarter)]}
    for key, shape in shapes_of(model):
        key = re.sub(r"gamma_(\d)", r"ls\1.gamma", key).replace("reg_token", "storage_tokens")
        for timm_name, meta_name in (("fc1_g", "w1"), ("fc1_x", "w2")):
            key = key.replace(timm_name, meta_name)
        if "swiglu" in name:
            key = key.replace("mlp.fc2", "mlp.w3")
        if key.endswith("v_bias"):
            continue
        if key.endswith("q_bias"):
            mask = key.replace("q_bias", "qkv.bias_mask")
            shapes += [(key.replace("q_bias", "qkv.bias"), (3 * width,)), (mask, (3 * width,))]
            constants[mask] = [1] * width + [0] * width + [1] * width
            continue
        shapes.append((key, shape))
    return original_case(name, "facebookresearch/dinov3", model, shapes, from_dinov3, SIZES["img_size"], constants)


def original_cases():
    yield openai_clip()
    yield deit3()
    yield dinov2("dinov2", "vit_small_patch14_dinov2.lvd142m")
    yield dinov2("dinov2-registers", "vit_small_patch14_reg4_dinov2.lvd142m")
    yield dinov2("dinov2-swiglu", "vit_giant_patch14_dinov2.lvd142m")
    yield dinov3("dinov3", "vit_small_patch16_dinov3_qkvb.lvd1689m")
    yield dinov3("dinov3-swiglu", "vit_small_plus_patch16_dinov3_qkvb.lvd1689m")
