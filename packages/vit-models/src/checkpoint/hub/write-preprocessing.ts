/** A preprocessing in the words of timm and of Hugging Face transformers. */

import { PatchslimError } from '@patchslim/tensor';
import { cropFraction } from '../../crop-fraction.js';
import { describePreprocessing } from '../../describe-preprocessing.js';
import type { Preprocessing } from '../../preprocessing.js';
import { readHuggingFace, resampleOf } from './hugging-face.js';
import { samePreprocessing } from './same-preprocessing.js';
import { readTimm } from './timm.js';

/** What says a preprocessing: `pretrained_cfg` in timm's `config.json`, or a `preprocessor_config.json`. */
export type WrittenPreprocessing =
  { readonly form: 'timm'; readonly json: object } | { readonly form: 'hugging-face'; readonly json: object };

/**
 * In the words of timm where it has them, else in those of transformers.
 *
 * @throws `INVALID_ARGUMENT` for a mixture of both that neither can say
 */
export function writePreprocessing(preprocessing: Preprocessing): WrittenPreprocessing {
  const timm = timmForm(preprocessing);
  if (timm) return { form: 'timm', json: timm };
  const { image_processor_type, ...unnamed } = preprocessorConfig(preprocessing);
  // The class says how margins are rounded, and so does its absence: see `readHuggingFace`.
  const huggingFace = preprocessing.rounding === 'even' ? unnamed : { image_processor_type, ...unnamed };
  const back = readHuggingFace({ file: '', json: huggingFace }, {}).preprocessing;
  if (samePreprocessing(back, preprocessing)) return { form: 'hugging-face', json: huggingFace };
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `saveCheckpoint: neither timm nor transformers has words for this preprocessing: ${describePreprocessing(preprocessing)}, ` +
      `a border of ${preprocessing.fill.join(' ')}; take fill 0 for the kind of transformers`,
    { preprocessing },
  );
}

function timmForm({
  height,
  width,
  resize,
  interpolation,
  mean,
  std,
  ...rest
}: Preprocessing): object | undefined {
  const mode = { shortest: 'center', exact: 'squash', longest: 'border', none: undefined }[resize.to];
  if (mode === undefined || resize.to === 'none' || height !== width) return undefined;
  const json = {
    input_size: [3, height, width],
    crop_pct: cropFraction(height, resize.to === 'exact' ? resize.height : resize.size),
    crop_mode: mode,
    ...{ interpolation, mean, std },
  };
  const back = readTimm({ file: '', json }, undefined).preprocessing;
  const same = samePreprocessing(back, { ...rest, height, width, resize, interpolation, mean, std });
  return same ? json : undefined;
}

/**
 * What `preprocessor_config.json` of Hugging Face transformers says of a preprocessing. It has no word for `fill`, and
 * none for `rounding` but the class of the processor.
 *
 * @example
 * preprocessorConfig(deitPreprocessing(224)).size; // { shortest_edge: 256 }
 */
export function preprocessorConfig(preprocessing: Preprocessing): Readonly<Record<string, unknown>> {
  const { height, width, resize, interpolation, crop, rescale, mean, std } = preprocessing;
  const normalizes = mean.some((value) => value !== 0) || std.some((value) => value !== 1);
  return {
    image_processor_type: 'ViTImageProcessor',
    do_resize: resize.to !== 'none',
    size: sizeOf(preprocessing),
    resample: resampleOf(interpolation),
    do_center_crop: crop,
    ...(crop && { crop_size: { height, width } }),
    do_rescale: rescale !== 1,
    rescale_factor: rescale === 1 ? 1 / 255 : rescale,
    do_normalize: normalizes,
    image_mean: mean,
    image_std: std,
  };
}

function sizeOf({ height, width, resize }: Preprocessing): object {
  switch (resize.to) {
    case 'none':
      return { height, width };
    case 'exact':
      return { height: resize.height, width: resize.width };
    case 'longest':
      return { longest_edge: resize.size };
    case 'shortest':
      return {
        shortest_edge: resize.size,
        ...(resize.longest !== undefined && { longest_edge: resize.longest }),
      };
  }
}
