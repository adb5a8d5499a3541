/** The image processors of Hugging Face transformers: what they do where their file is silent. */

import { imagenetStatistics, type Interpolation, type PerChannel, type Resize } from '../../preprocessing.js';

/** Defaults of one class. */
export interface Processor {
  readonly name: string;
  /** Whether a number as size is a square; otherwise it is the shorter side. */
  readonly square: boolean;
  readonly resize: Exclude<Resize, { readonly to: 'none' }>;
  readonly interpolation: Interpolation;
  /** Absent where it does not crop by itself. */
  readonly crop?: number;
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const clip = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

const exact = (side: number) => ({ to: 'exact', height: side, width: side }) as const;
const shortest = (size: number) => ({ to: 'shortest', size }) as const;

/** The classes that plain vision transformers come with, in transformers 5. */
export const processors: readonly Processor[] = [
  { name: 'ViT', square: true, resize: exact(224), interpolation: 'bilinear', ...half },
  { name: 'DeiT', square: true, resize: exact(256), interpolation: 'bicubic', crop: 224, ...half },
  { name: 'Beit', square: true, resize: exact(224), interpolation: 'bicubic', ...half },
  { name: 'Siglip', square: false, resize: exact(224), interpolation: 'bicubic', ...half },
  ...['CLIP', 'ChineseCLIP', 'Bit'].map((name) => ({
    ...({ name, square: false, resize: shortest(224), interpolation: 'bicubic', crop: 224 } as const),
    ...clip,
  })),
];

/** `ViTImageProcessorFast`, `ViTFeatureExtractor` and `ViT` are one. */
export function findProcessor(className: string): Processor | undefined {
  const stem = className.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, '');
  return processors.find(({ name }) => name === stem);
}

/** By `model_type` of `config.json`. */
const byModelType: Readonly<Record<string, string>> = {
  ...{ vit: 'ViT', vit_mae: 'ViT', vit_msn: 'ViT', ijepa: 'ViT', deit: 'DeiT', beit: 'Beit' },
  ...{ 'data2vec-vision': 'Beit', clip: 'CLIP', clip_vision_model: 'CLIP', dinov2: 'Bit' },
  ...{ dinov2_with_registers: 'Bit', siglip: 'Siglip', siglip_vision_model: 'Siglip' },
};

/** The class that transformers takes for a kind of model. */
export function processorOfModel(modelType: string | undefined): Processor | undefined {
  if (modelType === undefined || !Object.hasOwn(byModelType, modelType)) return undefined;
  return findProcessor(byModelType[modelType]!);
}

/** DeiT's published weights all go with the statistics of ImageNet, whatever its class has as defaults. */
export const withoutFile = (processor: Processor): Processor =>
  processor.name === 'DeiT' ? { ...processor, ...imagenetStatistics } : processor;
