/** Every reducer. To add one: write its file, add one line here. */

export { diffrate } from './reducers/diffrate.js';
export { mctf } from './reducers/mctf.js';
export { pitome } from './reducers/pitome.js';
export { pool } from './reducers/pool.js';
export { tome } from './reducers/tome.js';
export { topK } from './reducers/top-k.js';
export { tps } from './reducers/tps.js';
export { ward } from './reducers/ward.js';
export { zeroTPrune } from './reducers/zero-tprune.js';
