// Optimisers and schedules
export { adamW, type AdamWOptions } from './adam-w.js';
export { cosine, type CosineOptions, type LearningRate } from './learning-rate.js';
export { isMatrix, type Optimizer } from './optimizer.js';
export { sgd, type SgdOptions } from './sgd.js';

// Training
export {
  createTrainer,
  type Loss,
  type StepResult,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from './trainer.js';
export { fit, type EpochResult, type FitOptions, type FitProgress } from './fit.js';

// Losses
export { binaryCrossEntropy } from './losses/binary-cross-entropy.js';
export { binaryDistillation } from './losses/binary-distillation.js';
export { cosineDistance } from './losses/cosine-distance.js';
export { crossEntropy, type CrossEntropyOptions } from './losses/cross-entropy.js';
export { distillation } from './losses/distillation.js';
export { meanSquaredError } from './losses/mean-squared-error.js';
