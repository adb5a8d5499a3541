import { packageConfig } from '../../tools/config/tsup.js';

export default packageConfig({
  index: 'src/index.ts',
  reference: 'src/reference/index.ts',
  conformance: 'src/conformance/index.ts',
  files: 'src/files/index.ts',
});
