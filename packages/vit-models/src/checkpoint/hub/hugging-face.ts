/** `preprocessor_config.json` of Hugging Face transformers, of all versions, and what its classes do without one. */

import { withInputSize, type Interpolation, type Preprocessing, type Resize } from '../../preprocessing.js';
import { describeJson } from '../describe-json.js';
import { invalid } from '../safetensors-header.js';
import {
  channelsAt,
  countAt,
  deviationsAt,
  flagAt,
  isObject,
  isSize,
  positiveAt,
  refuse,
  stepAt,
  textAt,
  type Section,
} from './fields.js';
import { checkKeys, preprocessorKeys } from './keys.js';
import { findProcessor, processorOfModel, withoutFile, type Processor } from './processors.js';

/** A preprocessing, and what the reader has to say about the file. */
export interface ReadPreprocessing {
  readonly preprocessing: Preprocessing;
  readonly remarks: readonly string[];
}

/** Pillow's numbers. */
const interpolations = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

/** The number of a filter in `resample`. */
export const resampleOf = (interpolation: Interpolation): number => interpolations.indexOf(interpolation);

/** What all image processors that use Pillow have in common. */
const common = { fill: [0, 0, 0], rounding: 'down' } as const;

/**
 * How half a pixel of a crop's margin is rounded. Where the file names no class and that of the model does not crop by itself
 * (ViT), the crop comes from transformers' torchvision processors alone, which round half to even; its Pillow processors
 * round down.
 */
const roundingOf = ({ json }: Section, processor: Processor): Preprocessing['rounding'] => {
  const isNamed = 'image_processor_type' in json || 'feature_extractor_type' in json;
  return isNamed || processor.crop !== undefined ? common.rounding : 'even';
};

/**
 * Reads the file.
 *
 * @param modelType `model_type` of `config.json`: tells the class where the file does not; and its `image_size`
 * @throws `CHECKPOINT_INVALID` for a key that cannot be read, a step that is not supported, or a class that is not known and whose
 *   defaults would count
 */
export function readHuggingFace(
  section: Section,
  {
    modelType,
    imageSize,
  }: { readonly modelType?: string | undefined; readonly imageSize?: number | undefined },
): ReadPreprocessing {
  const remarks = checkKeys(section, preprocessorKeys);
  const processor = processorOf(section, modelType, remarks);
  const { file } = section;
  const use = <T>(key: string, value: T | undefined, otherwise: T): T => {
    if (value === undefined)
      remarks.push(
        `'${file}' has no ${key}: ${shown(otherwise)} is used, the default of ${processor.name}ImageProcessor`,
      );
    return value ?? otherwise;
  };

  const doResize = stepAt(section, 'do_resize', true);
  const square = flagAt(section, 'default_to_square') ?? processor.square;
  const resize: Resize = doResize
    ? (resizeOf(section, square) ?? use('size', undefined, processor.resize))
    : { to: 'none' };
  const crop = stepAt(section, 'do_center_crop', processor.crop !== undefined);
  const cropped = crop ? cropSize(section, processor) : undefined;
  const normalizes = stepAt(section, 'do_normalize', true);
  const mean = channelsAt(section, 'image_mean');
  const std = deviationsAt(section, 'image_std');
  const factor = positiveAt(section, 'rescale_factor') ?? 1 / 255;
  flagAt(section, 'do_convert_rgb'); // images always become RGB
  const { height, width } = cropped ?? outputOf(resize, section, imageSize ?? sideOf(processor.resize));
  refusePadding(section, crop || resize.to === 'exact');
  const preprocessing: Preprocessing = {
    ...{ height, width, resize, crop, ...common },
    rounding: crop ? roundingOf(section, processor) : common.rounding,
    interpolation: interpolationOf(section) ?? processor.interpolation,
    rescale: stepAt(section, 'do_rescale', true) ? factor : 1,
    mean: normalizes ? use('image_mean', mean, processor.mean) : [0, 0, 0],
    std: normalizes ? use('image_std', std, processor.std) : [1, 1, 1],
  };
  return { preprocessing, remarks };
}

/** What the class of `model_type` does when there is no file, for the image size of the model. */
export function huggingFaceDefaults(modelType: string, imageSize: number): ReadPreprocessing | undefined {
  const found = processorOfModel(modelType);
  if (!found) return undefined;
  const { name, resize, crop, interpolation, mean, std } = withoutFile(found);
  const ofClass = sideOf(resize);
  const preprocessing: Preprocessing = {
    ...{ height: crop ?? ofClass, width: crop ?? ofClass, resize, interpolation },
    ...{ crop: crop !== undefined, ...common, rescale: 1 / 255, mean, std },
  };
  const remark = `there is no preprocessor_config.json: the defaults of ${name}ImageProcessor are used, since model_type is ${modelType}`;
  return { preprocessing: withInputSize(preprocessing, imageSize), remarks: [remark] };
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : JSON.stringify(value));

const sideOf = (resize: Processor['resize']): number => (resize.to === 'exact' ? resize.height : resize.size);

const resizeTo = (side: number, square: boolean): Resize =>
  square ? { to: 'exact', height: side, width: side } : { to: 'shortest', size: side };

/** @throws `CHECKPOINT_INVALID` for a class that is not known, unless the file leaves nothing to its defaults */
function processorOf(section: Section, modelType: string | undefined, remarks: string[]): Processor {
  const { file, json } = section;
  const named = textAt(section, 'image_processor_type') ?? textAt(section, 'feature_extractor_type');
  const generic = findProcessor('ViT')!;
  if (named === undefined) {
    const found = processorOfModel(modelType);
    if (!found && typeof json['size'] === 'number') {
      remarks.push(`'${file}' names no image processor: read as that of ViTImageProcessor`);
    }
    return found ?? generic;
  }
  const found = findProcessor(named);
  if (found) return found;
  const explicit =
    (isObject(json['size']) || Array.isArray(json['size'])) &&
    ['image_mean', 'image_std', 'resample', 'do_resize', 'do_normalize'].every((key) => key in json);
  if (!explicit) {
    throw invalid(file, `the image processor ${describeJson(named)} is not known`, { processor: named });
  }
  remarks.push(`'${file}': the image processor ${named} is not known; read as one of the usual kind`);
  return generic;
}

/** @throws `CHECKPOINT_INVALID` */
function resizeOf(section: Section, square: boolean): Resize | undefined {
  const value = section.json['size'];
  if (value === undefined || value === null) return undefined;
  if (isSize(value)) return resizeTo(value, square);
  const { height, width, shortest_edge: shortest, longest_edge: longest } = sides(section, 'size');
  if (height !== undefined && width !== undefined) return { to: 'exact', height, width };
  if (shortest !== undefined)
    return { to: 'shortest', size: shortest, ...(longest !== undefined && { longest }) };
  return { to: 'longest', size: longest! };
}

/** @throws `CHECKPOINT_INVALID` */
function cropSize(section: Section, { crop, name }: Processor): { height: number; width: number } {
  const value = section.json['crop_size'];
  if (isSize(value)) return { height: value, width: value };
  if (value === undefined || value === null) {
    if (crop !== undefined) return { height: crop, width: crop };
    throw invalid(
      section.file,
      `do_center_crop is true, but crop_size is missing, which ${name}ImageProcessor has no default for`,
      { key: 'crop_size' },
    );
  }
  const { height, width } = sides(section, 'crop_size');
  if (height !== undefined && width !== undefined) return { height, width };
  return refuse(section, 'crop_size', 'a number, [height, width] or { height, width }');
}

type Sides = Partial<Record<'height' | 'width' | 'shortest_edge' | 'longest_edge', number>>;

/** A list `[height, width]`, or an object of one of the kinds that transformers has. @throws `CHECKPOINT_INVALID` */
function sides(section: Section, key: string): Sides {
  const value = section.json[key];
  if (Array.isArray(value)) {
    if (value.length === 2 && value.every(isSize))
      return { height: value[0] as number, width: value[1] as number };
    return refuse(section, key, 'two numbers of pixels, the height and the width');
  }
  if (!isObject(value)) return refuse(section, key, 'a number of pixels, a list or an object');
  const inside: Section = {
    file: section.file,
    json: Object.fromEntries(
      Object.entries(value)
        .filter(([, side]) => side !== null)
        .map(([side, pixels]) => [`${key}.${side}`, pixels]),
    ),
  };
  const kind = Object.keys(inside.json)
    .map((side) => side.slice(key.length + 1))
    .toSorted()
    .join(' ');
  const kinds = ['height width', 'shortest_edge', 'longest_edge shortest_edge', 'longest_edge'];
  if (!kinds.includes(kind)) {
    const expected =
      '{ height, width }, { shortest_edge }, { shortest_edge, longest_edge } or { longest_edge }';
    throw invalid(
      section.file,
      `${key}: expected ${expected}, got ${describeJson(Object.keys(value).join(', '))}`,
      {
        key,
      },
    );
  }
  const names = kind.split(' ') as (keyof Sides)[];
  return Object.fromEntries(names.map((side) => [side, countAt(inside, `${key}.${side}`)]));
}

/** What comes out of a resize without a crop: of an image that is not square another size, which is refused image by image. */
function outputOf(resize: Resize, section: Section, imageSize: number): { height: number; width: number } {
  if (resize.to === 'exact') return resize;
  if (resize.to !== 'none') return { height: resize.size, width: resize.size };
  const named = resizeOf(section, true);
  return named ? outputOf(named, section, imageSize) : { height: imageSize, width: imageSize };
}

/** @throws `CHECKPOINT_INVALID` */
function interpolationOf(section: Section): Interpolation | undefined {
  const value = section.json['resample'];
  if (value === undefined || value === null) return undefined;
  const found = typeof value === 'number' ? interpolations[value] : undefined;
  return found ?? refuse(section, 'resample', `a number from 0 to 5 (${interpolations.join(', ')})`);
}

/** Padding after the normalisation does nothing where all images have one size. @throws `CHECKPOINT_INVALID` */
function refusePadding(section: Section, isFixed: boolean): void {
  if (flagAt(section, 'do_pad') === true && !isFixed) {
    refuse(section, 'do_pad', 'false, or a crop: images that are padded to the largest are not supported');
  }
}
