/** Every schedule, as text. To add one: write its file, add one line here. */

export { budgetFormat } from './budget.js';
export { constantFormat } from './constant.js';
export { countsFormat } from './counts.js';
export { keepRatioFormat } from './keep-ratio.js';
export { searchFormat } from './search.js';
export { topDownFormat } from './top-down.js';
