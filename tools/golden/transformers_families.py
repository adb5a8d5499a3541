"""Golden models of transformers, under the names that `save_pretrained` writes and, where they differ, those of the classes."""

import json
import tempfile
from pathlib import Path

import transformers as hf
from safetensors import safe_open
from safetensors.torch import save_file

from family_case import Case

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
SIZES = {"image_size": 20, "patch_size": 4, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
FIVES = {**SIZES, "image_size": 30, "patch_size": 5}
MLP = {"intermediate_size": 72}
TEXT = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "max_position_embeddings": 4}
TEXT |= {"vocab_size": 9, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def square(size):
    return {"height": size, "width": size}


def saved(model):
    """Shapes of the saved tensors, and config.json."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            shapes = [(name, tuple(file.get_slice(name).get_shape())) for name in file.keys()]
        return shapes, json.loads((Path(folder) / "config.json").read_text())


def loaded(cls, config, tensors):
    """By the library's own reader, which maps names; nothing may be missing or left over."""
    with tempfile.TemporaryDirectory() as folder:
        save_file(tensors, Path(folder) / "model.safetensors", {"format": "pt"})
        (Path(folder) / "config.json").write_text(json.dumps(config))
        model, report = cls.from_pretrained(folder, output_loading_info=True)
    problems = {key: value for key, value in report.items() if value}
    assert not problems, (cls.__name__, problems)
    return model.eval()


def hf_cases(name, cls, config, read, processor=None, normed=True, prefix=1, formerly=None, at=None):
    """`read` makes outputs of the model and pixels; transformers 4 put `formerly` before the names; `at` is another size of images."""
    model = cls(config).eval()
    shapes, file = saved(model)
    own = [(key, tuple(tensor.shape)) for key, tensor in model.state_dict().items()]

    def run_saved(tensors, pixels):
        return read(loaded(cls, file, tensors).double(), pixels.double())

    def run_own(tensors, pixels):
        model.load_state_dict(tensors)
        return read(model.double(), pixels.double())

    def case(suffix, names, shapes, run):
        return Case(
            name=f"hf-{name}{suffix}",
            source={"library": "transformers", "class": cls.__name__, "names": names},
            shapes=shapes,
            run=run,
            prefix=prefix,
            normed=normed,
            config=file,
            preprocessor=processor and processor.to_dict(),
            image_size=at or getattr(config, "vision_config", config).image_size,
            untold={"imageSize": at} if at else {},
        )

    differ = set(own) != set(shapes)
    yield case("", "transformers, as saved" if differ else "transformers", shapes, run_saved)
    if formerly:
        yield case("-v4", "transformers 4", [(formerly + key, shape) for key, shape in shapes], run_saved)
    if differ:
        yield case("-v5", "transformers 5, of the modules", own, run_own)


def classifier(base):
    """Logits, and the last hidden state of the model below the head."""
    return lambda model, pixels: {
        "logits": model(pixels).logits,
        "tokens": getattr(model, base)(pixels).last_hidden_state,
    }


def embedder(model, pixels):
    """The library's pooled output: the class row after the norm, or what the pooling head makes."""
    output = model(pixels)
    return {"embedding": output.pooler_output, "tokens": output.last_hidden_state}


def tanh_pooled(model, pixels):
    """ViTModel: the class row is the embedding; the pooler is one more layer on it."""
    output = model(pixels)
    tokens = output.last_hidden_state
    return {"embedding": tokens[:, 0], "pooled": output.pooler_output, "tokens": tokens}


def image_features(model, pixels):
    output = model.get_image_features(pixels)
    return {"embedding": output.pooler_output, "tokens": output.last_hidden_state}


def projected(model, pixels):
    output = model(pixels)
    return {"embedding": output.image_embeds, "tokens": output.last_hidden_state}


def transformers_cases():
    labels = {"num_labels": 5}
    vit = hf.ViTImageProcessor(size=square(20))
    yield from hf_cases("vit", hf.ViTForImageClassification, hf.ViTConfig(**SIZES, **MLP, **labels), classifier("vit"), vit)
    yield from hf_cases("vit-headless", hf.ViTModel, hf.ViTConfig(**SIZES, **MLP), tanh_pooled, vit)
    msn = hf.ViTMSNConfig(**SIZES, **MLP, **labels)
    yield from hf_cases("vit-msn", hf.ViTMSNForImageClassification, msn, classifier("vit"), hf.ViTImageProcessor(size=square(20), **IMAGENET))

    deit = hf.DeiTImageProcessor(size=square(34), crop_size=square(30), **IMAGENET)
    config = hf.DeiTConfig(**FIVES, **MLP, **labels)
    yield from hf_cases("deit", hf.DeiTForImageClassification, config, classifier("deit"), deit, prefix=2)
    yield from hf_cases("deit-two-heads", hf.DeiTForImageClassificationWithTeacher, config, classifier("deit"), deit, prefix=2)

    beit = hf.BeitImageProcessor(size=square(20), do_center_crop=False)
    config = hf.BeitConfig(**SIZES, **MLP, **labels, use_relative_position_bias=True)
    yield from hf_cases("beit", hf.BeitForImageClassification, config, classifier("beit"), beit, normed=False)
    switches = {"use_mean_pooling": False, "use_absolute_position_embeddings": True, "use_mask_token": True}
    config = hf.BeitConfig(**SIZES, **MLP, **labels, **switches, use_shared_relative_position_bias=True)
    yield from hf_cases("beit-class-token", hf.BeitForImageClassification, config, classifier("beit"), beit)

    dino = hf.BitImageProcessor(size={"shortest_edge": 34}, crop_size=square(30), **IMAGENET)
    yield from hf_cases("dinov2", hf.Dinov2Model, hf.Dinov2Config(**FIVES), embedder, dino)
    yield from hf_cases("dinov2-classifier", hf.Dinov2ForImageClassification, hf.Dinov2Config(**FIVES, **labels), classifier("dinov2"), dino)
    yield from hf_cases("dinov2-swiglu", hf.Dinov2Model, hf.Dinov2Config(**FIVES, use_swiglu_ffn=True), embedder, dino)
    config = hf.Dinov2WithRegistersConfig(**FIVES, num_register_tokens=4)
    yield from hf_cases("dinov2-registers", hf.Dinov2WithRegistersModel, config, embedder, dino, prefix=5)
    yield from hf_cases("dinov2-resized", hf.Dinov2Model, hf.Dinov2Config(**FIVES), embedder, dino, at=20)
    yield from hf_cases("dinov2-registers-resized", hf.Dinov2WithRegistersModel, config, embedder, dino, prefix=5, at=20)
    config = hf.Dinov2WithRegistersConfig(**FIVES, num_register_tokens=3, use_swiglu_ffn=True, **labels)
    cls, base = hf.Dinov2WithRegistersForImageClassification, "dinov2_with_registers"
    yield from hf_cases("dinov2-registers-classifier", cls, config, classifier(base), dino, prefix=4)

    dino = hf.DINOv3ViTImageProcessor(size=square(20))
    config = hf.DINOv3ViTConfig(**SIZES, **MLP, num_register_tokens=4)
    yield from hf_cases("dinov3", hf.DINOv3ViTModel, config, embedder, dino, prefix=5)
    gated = {"use_gated_mlp": True, "hidden_act": "silu", "num_register_tokens": 4}
    config = hf.DINOv3ViTConfig(**SIZES, **MLP, **gated)
    yield from hf_cases("dinov3-swiglu", hf.DINOv3ViTModel, config, embedder, dino, prefix=5)
    config = hf.DINOv3ViTConfig(**SIZES, **MLP, **gated, query_bias=False, value_bias=False)
    yield from hf_cases("dinov3-swiglu-no-bias", hf.DINOv3ViTModel, config, embedder, dino, prefix=5)

    clip = hf.CLIPImageProcessor(size={"shortest_edge": 20}, crop_size=square(20))
    config = hf.CLIPVisionConfig(**SIZES, **MLP, projection_dim=7)
    yield from hf_cases("clip-projection", hf.CLIPVisionModelWithProjection, config, projected, clip, normed=False)
    yield from hf_cases("clip-vision", hf.CLIPVisionModel, config, embedder, clip, normed=False, formerly="vision_model.")
    config = hf.CLIPConfig(vision_config={**SIZES, **MLP}, text_config=TEXT, projection_dim=7)
    yield from hf_cases("clip", hf.CLIPModel, config, image_features, clip, normed=False)
    config = hf.CLIPConfig(vision_config={**SIZES, **MLP, "hidden_act": "gelu"}, text_config=TEXT, projection_dim=7, **labels)
    yield from hf_cases("clip-classifier", hf.CLIPForImageClassification, config, classifier("vision_model"), clip, normed=False)

    siglip = hf.SiglipImageProcessor(size=square(20))
    config = hf.SiglipVisionConfig(**SIZES, **MLP)
    yield from hf_cases("siglip-vision", hf.SiglipVisionModel, config, embedder, siglip, prefix=0, formerly="vision_model.")
    config = hf.SiglipConfig(vision_config={**SIZES, **MLP}, text_config=TEXT)
    yield from hf_cases("siglip", hf.SiglipModel, config, image_features, siglip, prefix=0)
    config = hf.SiglipConfig(vision_config={**SIZES, **MLP}, text_config=TEXT, **labels)
    yield from hf_cases("siglip-classifier", hf.SiglipForImageClassification, config, classifier("vision_model"), siglip, prefix=0)
