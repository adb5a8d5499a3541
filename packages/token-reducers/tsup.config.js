import { packageConfig } from '../../tools/config/tsup.js';

export default packageConfig();
