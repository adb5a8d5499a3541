import { packageTestsWithBrowser } from '../../tools/config/vitest.js';

export default packageTestsWithBrowser({
  bundle: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'],
});
