/** Every recovery, as text, in alphabetical order. To add one: write its file, add one line here. */

export { autoFormat } from './auto.js';
export { blockFormat } from './block.js';
export { distillFormat } from './distill.js';
export { finetuneFormat } from './finetune.js';
export { leastSquaresFormat } from './least-squares.js';
