import { packageConfig } from '../../tools/config/tsup.js';

const entries = ['index', 'worker', 'serve', 'vite'];

export default packageConfig(Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])));
