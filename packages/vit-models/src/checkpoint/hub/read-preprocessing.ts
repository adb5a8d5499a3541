/** What becomes of an image, from whichever file says it. */

import { isSize, objectAt, textAt, type Section } from './fields.js';
import { readHuggingFace, type ReadPreprocessing } from './hugging-face.js';
import { checkKeys, preprocessorKeys, timmKeys } from './keys.js';
import { samePreprocessing } from './same-preprocessing.js';
import { readTimm } from './timm.js';

/** The files, or parts of them; empty objects where they are missing. */
export interface PreprocessingFiles {
  /** `config.json`. */
  readonly model: Section;
  /** The part of it that is timm's. */
  readonly timm: Section | undefined;
  /** `preprocessor_config.json`. */
  readonly preprocessor: Section;
}

/**
 * `preprocessor_config.json` counts before timm's part of `config.json`; where both are there and differ, a remark says so.
 *
 * @throws `CHECKPOINT_INVALID` naming the key
 */
export function readPreprocessing({
  model,
  timm,
  preprocessor,
}: PreprocessingFiles): ReadPreprocessing | undefined {
  const modelArgs = objectAt(model, 'model_args');
  const ofTimm = timm && readTimm(timm, modelArgs);
  if (Object.keys(preprocessor.json).length === 0) return ofTimm;
  if (/^TimmWrapper/.test(textAt(preprocessor, 'image_processor_type') ?? '')) {
    return ofTimm ?? ofWrapper(preprocessor);
  }
  const read = readHuggingFace(preprocessor, {
    modelType: textAt(model, 'model_type'),
    imageSize: isSize(model.json['image_size']) ? model.json['image_size'] : undefined,
  });
  if (!ofTimm || samePreprocessing(read.preprocessing, ofTimm.preprocessing)) return read;
  const remark = `'${preprocessor.file}' is used; '${timm.file}' says otherwise about what becomes of an image`;
  return { ...read, remarks: [...read.remarks, remark] };
}

/** transformers keeps the configuration of timm in a file of its own. */
function ofWrapper(preprocessor: Section): ReadPreprocessing | undefined {
  const section = objectAt(preprocessor, 'pretrained_cfg');
  if (!section) return undefined;
  const remarks = [...checkKeys(preprocessor, preprocessorKeys), ...checkKeys(section, timmKeys)];
  const read = readTimm(section, undefined);
  return { ...read, remarks: [...remarks, ...read.remarks] };
}
