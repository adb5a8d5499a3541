/** What is read from each key of the JSON files beside weights: the words of guide/config-files.md, which `config-files-page` writes. */

const ofNetwork = 'about the network: the shapes of the weights count';

export const preprocessorMeanings: Readonly<Record<string, string>> = {
  image_processor_type:
    'the class, whose defaults count where a key is missing: ViT, DeiT, Beit, Siglip, CLIP, ChineseCLIP, Bit; another class is refused unless the file leaves nothing to its defaults',
  feature_extractor_type: 'the same in older files',
  do_resize: 'whether the image is resized; null is no',
  size: 'a number (a square, or the shorter side, by class), `[height, width]`, `{ height, width }`, `{ shortest_edge }`, `{ shortest_edge, longest_edge }`, `{ longest_edge }`',
  resample: '0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic, 4 box, 5 Hamming',
  default_to_square: 'whether a number as `size` is a square',
  do_center_crop: 'whether the middle is cut out; null is no',
  crop_size: 'a number, `[height, width]` or `{ height, width }`; what is missing around the image is black',
  do_rescale: 'whether bytes are multiplied by `rescale_factor`; null is no',
  rescale_factor: '1/255 where it is missing',
  do_normalize: 'whether mean and deviation are used; null is no',
  image_mean: 'three numbers, or one for all channels',
  image_std: 'three numbers above 0, or one for all channels',
  do_convert_rgb: 'images always become RGB',
  do_pad: 'refused, unless a crop or an exact size leaves nothing to pad',
  pretrained_cfg: 'of the wrapper for timm: as in `config.json`',
  architecture: 'of the wrapper for timm',
};

export const configMeanings: Readonly<Record<string, string>> = {
  model_type: 'the class of the image processor, where its file is missing or names none',
  hidden_act: 'gelu; others are refused',
  layer_norm_eps: 'of LayerNorm',
  num_attention_heads: 'heads',
  image_size: 'of the image, for a preprocessing that names no size',
  num_channels: ofNetwork,
  id2label: 'names of the classes: an object from index to name, or a list; LABEL_0, … are no names',
  label2id: 'the same the other way round, where `id2label` is missing',
  architecture: "timm's name",
  pretrained_cfg: "timm's part, see below",
  model_args: "arguments of timm's network",
  label_names: "timm's names of the classes",
  labels: 'the same in older files',
  num_classes: 'a remark when the weights have another number',
  problem_type:
    'what the logits mean: multi_label_classification is a sigmoid for each class, which an image may have or not; else a softmax, and for one logit always a sigmoid; regression is read as the rest, with a remark',
  qkv_bias: ofNetwork,
  patch_size: ofNetwork,
  hidden_size: ofNetwork,
  num_hidden_layers: ofNetwork,
  intermediate_size: ofNetwork,
  num_labels: ofNetwork,
  num_features: ofNetwork,
  global_pool: ofNetwork,
  use_mask_token: ofNetwork,
  use_swiglu_ffn: ofNetwork,
  layerscale_value: ofNetwork,
  num_register_tokens: ofNetwork,
  use_qk_norm: ofNetwork,
  use_mean_pooling: ofNetwork,
  use_cls_token: ofNetwork,
  mlp_ratio: ofNetwork,
};

export const timmMeanings: Readonly<Record<string, string>> = {
  input_size: '`[3, size, size]`',
  crop_pct: 'the crop over the side of the resized image; 0.875 where it is missing',
  crop_mode: 'center, squash, border',
  interpolation: 'nearest, box, bilinear, hamming, bicubic, lanczos; bicubic where it is missing',
  mean: "three numbers, or one; ImageNet's where it is missing",
  std: "three numbers above 0, or one; ImageNet's where it is missing",
  label_names: 'names of the classes, a list',
  labels: 'the same in older files',
  num_classes: 'a remark when the weights have another number',
  architecture: 'tells `deit` from `vit` where shapes do not',
  fixed_input_size: 'when true, `img_size` of `model_args` goes before `input_size`',
  num_features: 'the width; the shapes of the weights count',
};
