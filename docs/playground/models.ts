/** The models that the page offers. */

import { embeddedModel } from './embedded.js';

/** The `model` for the worker's `open`. */
export type ModelSource = string | readonly File[];

export interface OfferedModel {
  readonly name: string;
  readonly label: string;
  readonly source: (signal: AbortSignal) => ModelSource | Promise<ModelSource>;
}

export const offeredModels: readonly OfferedModel[] = [
  { name: 'fashion', label: 'Small ViT for Fashion-MNIST (0.8 MB, in this page)', source: embeddedModel },
  { name: 'deit-tiny', label: 'DeiT-Tiny, ImageNet (23 MB, from huggingface.co)', source: () => 'deit-tiny' },
  {
    name: 'deit-small',
    label: 'DeiT-Small, ImageNet (88 MB, from huggingface.co)',
    source: () => 'deit-small',
  },
];
