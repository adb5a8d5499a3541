// Image folders
export { openImageFolder } from './image-folder.js';
export { openImageFiles } from './image-files.js';
export { type ImageExample, type ImageFolder } from './image-layout.js';
export { type ClassFolder } from './class-folder.js';
export { matchClasses, type ClassesOfModel } from './match-classes.js';
export { parseClassNames } from './parse-class-names.js';
export { checkLabels, labelValues } from './check-labels.js';
export { sampleExamples, splitExamples } from './sample.js';
export { decodeCrop, decodeImage, decodeThumbnail, normalizeCrop } from './decode.js';
export { type ImageSource, type RgbImage } from './image-source.js';

// Sets and batches
export { imageSet, skippedText, tensorSet, usableCount, type ImageSet } from './image-set.js';
export { folderSet } from './folder-set.js';
export { subset } from './subset.js';
export { readableSet } from './readable-set.js';
export { contentKeyOf } from './content-key.js';
export { decodedSet, type DecodedSetOptions } from './decoded-set.js';
export { imageBatches, type ImageBatch, type ImageBatchOptions, type LabelSets } from './batches.js';
export { type BatchesOptions } from './order.js';
export { augmentBatch, type AugmentOptions } from './augment.js';

// Small sets
export { openSmallSet } from './open-small-set.js';
export { type OpenSmallSetOptions } from './small-set-files.js';
export { smallSets, type OfficialFile, type SmallSet, type Split, type SplitFiles } from './small-sets.js';
export { pixelSet, takePixels, type LabelledPixels } from './labelled-pixels.js';
export { formatIdx, parseIdx, type IdxArray } from './idx.js';
export { parseCifar10 } from './cifar.js';
