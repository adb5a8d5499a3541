/** Which keys of a JSON file are read, which change nothing, and what happens to all others: none is dropped without a word. */

import { invalid } from '../safetensors-header.js';
import { describeJson } from '../describe-json.js';
import type { Section } from './fields.js';

/**
 * `read`: taken over. `no effect`: says nothing about classes and pixels. `refused`: would change them in a way that is not
 * supported, so that only null, false and 0 are accepted.
 */
export type KeyUse = 'read' | 'no effect' | 'refused';
/** Keys of one file, or of a part of one. */
export type KeyTable = Readonly<Record<string, KeyUse>>;

const table = (uses: Readonly<Record<KeyUse, readonly string[]>>): KeyTable =>
  Object.fromEntries(
    Object.entries(uses).flatMap(([use, keys]) => keys.map((key) => [key, use as KeyUse] as const)),
  );

const list = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** `preprocessor_config.json` of Hugging Face transformers. */
export const preprocessorKeys: KeyTable = table({
  read: list(`image_processor_type feature_extractor_type do_resize size resample default_to_square do_center_crop crop_size
    do_rescale rescale_factor do_normalize image_mean image_std do_convert_rgb do_pad pretrained_cfg architecture`),
  'no effect':
    list(`processor_class _processor_class auto_map return_tensors data_format input_data_format device
    disable_grouping model_input_names image_seq_length backend do_reduce_labels reduce_labels
    _valid_processor_keys _valid_kwargs_names pad_size data_config size_divisibility`),
  refused:
    list(`crop_pct max_size size_divisor rescale_offset do_flip_channel_order do_affine_transform do_thumbnail
    do_align_long_axis ensure_multiple_of keep_aspect_ratio do_grayscale do_color_quantize offset use_square_size
    crop_margin do_crop_margin`),
});

/** `config.json` of Hugging Face transformers and of timm, on top. */
export const configKeys: KeyTable = table({
  read: list(`model_type hidden_act layer_norm_eps num_attention_heads image_size num_channels id2label label2id architecture
    pretrained_cfg model_args label_names labels num_classes problem_type qkv_bias patch_size hidden_size
    num_hidden_layers intermediate_size num_labels num_features global_pool use_mask_token use_swiglu_ffn
    layerscale_value num_register_tokens use_qk_norm use_mean_pooling use_cls_token mlp_ratio use_gated_mlp
    use_relative_position_bias use_shared_relative_position_bias use_absolute_position_embeddings rope_theta
    vision_config patchslim`),
  'no effect': list(`architectures _name_or_path name_or_path transformers_version torch_dtype dtype auto_map
    attention_probs_dropout_prob hidden_dropout_prob initializer_range encoder_stride layer_norm_epsilon
    classifier_dropout pooler_act pooler_output_size finetuning_task task_specific_params use_cache return_dict
    output_attentions output_hidden_states gradient_checkpointing torchscript tf_legacy_loss use_bfloat16
    pruned_heads tie_word_embeddings is_encoder_decoder is_decoder add_cross_attention
    cross_attention_hidden_size chunk_size_feed_forward bos_token_id eos_token_id pad_token_id sep_token_id
    decoder_start_token_id tokenizer_class prefix max_length min_length do_sample early_stopping num_beams
    num_beam_groups diversity_penalty temperature top_k top_p typical_p repetition_penalty length_penalty
    no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids num_return_sequences output_scores
    return_dict_in_generate forced_bos_token_id forced_eos_token_id remove_invalid_values
    exponential_decay_length_penalty suppress_tokens begin_suppress_tokens _attn_implementation
    _attn_implementation_autoset attn_implementation transformers.js_config do_pooling library_name
    license tag tags add_fpn apply_layernorm attention_dropout auxiliary_channels auxiliary_concat_input
    auxiliary_loss_weight auxiliary_num_convs drop_path_rate initializer_factor key_bias layer_scale_init_value
    logit_scale_init_value mlp_bias out_features out_indices pool_scales pos_embed_jitter pos_embed_rescale
    pos_embed_shift proj_bias projection_dim query_bias reshape_hidden_states semantic_loss_ignore_index stage_names
    text_config text_config_dict vision_config_dict use_auxiliary_head value_bias vision_use_head vocab_size`),
  refused: [],
});

/** `pretrained_cfg` of timm, which older files have on top of `config.json`. */
export const timmKeys: KeyTable = table({
  read: list(`input_size crop_pct crop_mode interpolation mean std label_names labels num_classes architecture fixed_input_size
    num_features tag`),
  'no effect':
    list(`first_conv classifier url file hf_hub_id hf_hub_filename hf_hub source custom_load license description
    origin_url paper_name paper_ids notes min_input_size test_input_size test_crop_pct pool_size test_pool_size
    state_dict`),
  refused: list('crop_border_pixels label_offset'),
});

/**
 * Remarks on the keys that no table names.
 *
 * @throws `CHECKPOINT_INVALID` for one that is refused, or an unknown `do_…` that is on
 */
export function checkKeys({ file, json }: Section, ...tables: readonly KeyTable[]): string[] {
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(json)) {
    const use = tables.map((keys) => (Object.hasOwn(keys, key) ? keys[key] : undefined)).find(Boolean);
    const isOff = value === null || value === false || value === 0;
    const changesPixels = use === 'refused' || (use === undefined && key.startsWith('do_'));
    if (changesPixels && !isOff) {
      throw invalid(file, `${key}: this step is not supported, got ${describeJson(value)}`, { key });
    }
    if (use === undefined && !isOff) unknown.push(key);
  }
  if (unknown.length === 0) return [];
  const named = unknown.slice(0, 8).map((key) => (key.length > 40 ? `${key.slice(0, 40)}…` : key));
  const more = unknown.length > named.length ? ` and ${unknown.length - named.length} more` : '';
  return [`'${file}': not used: ${named.join(', ')}${more}`];
}
