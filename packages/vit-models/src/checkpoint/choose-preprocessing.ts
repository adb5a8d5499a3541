/** What becomes of an image where the files say it, and where they do not; and what to tell the user of it. */

import type { VitConfig } from '../config.js';
import { vitPresets } from '../presets.js';
import { deitPreprocessing, withInputSize, type Preprocessing } from '../preprocessing.js';
import { huggingFaceDefaults, type ReadPreprocessing } from './hub/hugging-face.js';
import type { HubConfig } from './hub-config.js';

/** What else tells how the weights were trained. */
export interface Assumptions {
  /** Whether the user named the preset, and with it the preprocessing. */
  readonly isNamed: boolean;
  /** Of weights whose names of tensors tell their origin; it goes before that of a preset of the same shapes. */
  readonly ofOrigin?: Preprocessing | undefined;
}

/**
 * The file's own, else that of the kind of model, else of the origin of the weights, else of the preset, else DeiT's; for the image
 * size of the weights.
 */
export function choosePreprocessing(
  hub: Pick<HubConfig, 'preprocessing' | 'modelType'>,
  { name, imageSize }: Pick<VitConfig, 'name' | 'imageSize'>,
  { isNamed, ofOrigin }: Assumptions,
): ReadPreprocessing {
  if (hub.preprocessing) return scaled(hub.preprocessing, imageSize);
  const ofKind = hub.modelType === undefined ? undefined : huggingFaceDefaults(hub.modelType, imageSize);
  if (ofKind) return ofKind;
  const preset = vitPresets.find((candidate) => candidate.name === name);
  const assumed = ofOrigin ?? preset?.preprocessing ?? deitPreprocessing(imageSize);
  const whose = ofOrigin ? 'that of their origin' : preset ? `that of ${preset.name}` : "DeiT's";
  const remark = `no file beside the weights says what becomes of an image: ${whose} is assumed`;
  return { preprocessing: withInputSize(assumed, imageSize), remarks: isNamed ? [] : [remark] };
}

function scaled(preprocessing: Preprocessing, imageSize: number): ReadPreprocessing {
  const { height, width } = preprocessing;
  const remark = `the preprocessing gives ${height} × ${width} pixels, the weights take ${imageSize} × ${imageSize}: its sizes are scaled`;
  const fits = height === imageSize && width === imageSize;
  return { preprocessing: withInputSize(preprocessing, imageSize), remarks: fits ? [] : [remark] };
}

/** Numbers of classes that differ from those of the weights. */
export function classRemarks(
  { labels, classes }: Pick<HubConfig, 'labels' | 'classes'>,
  config: Pick<VitConfig, 'classes'>,
): string[] {
  const weights = `the weights have ${config.classes} classes`;
  const remarks: string[] = [];
  if (labels && labels.length !== config.classes) {
    remarks.push(`the ${labels.length} class names of config.json are not used: ${weights}`);
  }
  if (classes !== undefined && classes !== config.classes) {
    remarks.push(`num_classes of config.json is ${classes}: ${weights}`);
  }
  return remarks;
}
