/** Every recovery, as text. To add one: write its file, add one line here. */

export { leastSquaresFormat } from './least-squares.js';
export { blockFormat } from './block.js';
export { distillFormat } from './distill.js';
export { finetuneFormat } from './finetune.js';
