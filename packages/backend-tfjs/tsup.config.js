import { packageConfig } from '../../tools/config/tsup.js';

const entries = ['index', 'cpu', 'wasm', 'webgpu', 'webgpu-node', 'node', 'node-gpu', 'native-addon'];

export default packageConfig(Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])));
