/** `config.json` of timm, nested and flat: what becomes of an image. */

import { imagenetStatistics, type PerChannel, type Preprocessing } from '../../preprocessing.js';
import {
  channelsAt,
  choiceAt,
  countAt,
  deviationsAt,
  flagAt,
  isSize,
  largestSize,
  objectAt,
  positiveAt,
  refuse,
  type Section,
} from './fields.js';
import type { ReadPreprocessing } from './hugging-face.js';

const interpolations = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
const cropModes = ['center', 'squash', 'border'] as const;

/** Keys of older files, which have them on top of `config.json`. */
const flatKeys = ['input_size', 'crop_pct', 'interpolation', 'mean', 'std'] as const;

/** The part of `config.json` that timm keeps the preprocessing in, if it is one of timm's. @throws `CHECKPOINT_INVALID` */
export function timmSection(config: Section): Section | undefined {
  const nested = objectAt(config, 'pretrained_cfg');
  if (nested) return nested;
  const { json } = config;
  return !('model_type' in json) && flatKeys.some((key) => key in json) ? config : undefined;
}

/**
 * Reads it; what is missing has the defaults of timm.
 *
 * @param modelArgs `model_args` of the file
 * @throws `CHECKPOINT_INVALID`
 */
export function readTimm(section: Section, modelArgs: Section | undefined): ReadPreprocessing {
  const remarks: string[] = [];
  const use = <T>(key: string, value: T | undefined, otherwise: T): T => {
    if (value === undefined)
      remarks.push(`'${section.file}' has no ${key}: ${String(otherwise)} is used, the default of timm`);
    return value ?? otherwise;
  };
  const size = inputSize(section, modelArgs);
  const fraction = use('crop_pct', positiveAt(section, 'crop_pct'), 0.875);
  const mode = choiceAt(section, 'crop_mode', cropModes) ?? 'center';
  const crop = use('input_size', size, 224);
  const side = Math.floor(crop / fraction);
  if (side < 1 || side > largestSize) {
    refuse(section, 'crop_pct', 'the share of the image that the crop shows');
  }
  const mean = use('mean', channelsAt(section, 'mean'), imagenetStatistics.mean as PerChannel);
  const preprocessing: Preprocessing = {
    ...{ height: crop, width: crop },
    resize: {
      center: { to: 'shortest', size: side } as const,
      squash: { to: 'exact', height: side, width: side } as const,
      border: { to: 'longest', size: side } as const,
    }[mode],
    interpolation: use('interpolation', choiceAt(section, 'interpolation', interpolations), 'bicubic'),
    crop: true,
    fill: mode === 'border' ? borderFill(section, mean) : [0, 0, 0],
    rounding: 'even',
    rescale: 1 / 255,
    mean,
    std: use('std', deviationsAt(section, 'std'), imagenetStatistics.std as PerChannel),
  };
  return { preprocessing, remarks };
}

/** `[3, height, width]`; of a network of a fixed size its own. @throws `CHECKPOINT_INVALID` */
function inputSize(section: Section, modelArgs: Section | undefined): number | undefined {
  const value = section.json['input_size'];
  const own = flagAt(section, 'fixed_input_size') && modelArgs && imageSize(modelArgs);
  if (own !== undefined && own !== false) return own;
  if (value === undefined || value === null) return undefined;
  const isRgb = Array.isArray(value) && value.length === 3 && value[0] === 3 && value.every(isSize);
  if (isRgb && value[1] === value[2]) return value[1];
  return refuse(section, 'input_size', `[3, size, size] of at most ${largestSize} pixels`);
}

/** @throws `CHECKPOINT_INVALID` */
const imageSize = (modelArgs: Section): number | undefined =>
  Array.isArray(modelArgs.json['img_size']) ? undefined : countAt(modelArgs, 'img_size');

/** Python's `round(255 · mean)`, half to even. @throws `CHECKPOINT_INVALID` */
function borderFill(section: Section, mean: PerChannel): PerChannel {
  const fill = borderOf(mean);
  if (fill.every((value) => value >= 0 && value <= 255)) return fill;
  return refuse(section, 'mean', 'numbers from 0 to 1, since the border has this colour');
}

/** The colour of the border around an image, from the mean. */
export function borderOf(mean: PerChannel): PerChannel {
  const rounded = mean.map((value) => {
    const level = 255 * value;
    const floor = Math.floor(level);
    return level - floor === 0.5 ? floor + (floor % 2) : Math.round(level);
  });
  return rounded as unknown as PerChannel;
}
