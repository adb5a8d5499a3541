import { packageConfig } from '../../tools/config/tsup.js';

export default packageConfig({ index: 'src/index.ts', cli: 'src/cli.ts', bin: 'src/bin.ts' });
