export { openImageFolder, type ImageExample, type ImageFolder } from './image-folder.js';
export { checkLabels } from './check-labels.js';
export { sampleExamples, splitExamples } from './sample.js';
export { decodeImage, decodeThumbnail, type ImageSource } from './decode.js';
export { imageSet, tensorSet, type ImageSet } from './image-set.js';
export { imageBatches, type ImageBatch, type ImageBatchOptions } from './batches.js';
