/** TensorFlow.js's own gradients. Its bundles for Node leave them out; its modules have them, and a bundler can read those. */

import { createRequire } from 'node:module';
import { bundleForBrowser } from './bundle.js';

/**
 * Makes `tf.grads` and `tf.variableGrads` of `@tensorflow/tfjs-core` work in this process: tfjs keeps its gradients in a
 * registry that all copies of it share.
 */
export async function registerTfjsGradients(): Promise<void> {
  const path = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  const { entry } = await bundleForBrowser(path);
  await import(`data:text/javascript;base64,${Buffer.from(entry.code).toString('base64')}`);
}
