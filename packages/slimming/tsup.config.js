import { packageConfig } from '../../tools/config/tsup.js';

export default packageConfig({ index: 'src/index.ts', internal: 'src/internal.ts' });
