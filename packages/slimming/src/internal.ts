/**
 * Shared by the packages of this repository. It may change in any version: import from `@patchslim/slimming` instead.
 */

export { readRequest } from './request.js';
export { jobKey } from './job/job-key.js';
export { openSaved, type Saved } from './job/saved.js';
export { readProgress, writeProgress } from './learn/saved-progress.js';
export { createInspector, type InspectedImage, type Inspector } from './inspector.js';
export { createImageReader, type ImageReader, type ReadImage } from './image-reader.js';
export { createGridReader, type GridReader } from './patch-tokens.js';
export { requireFittingText, zeroShot } from './zero-shot/zero-shot.js';
export { classesOfLabel } from './head/targets.js';
export { cosineOf } from './head/cosine.js';
export { isYes } from './head/class-figures.js';
export { likeliest } from './class-guess.js';
export { shareInterval } from './intervals/share-interval.js';
