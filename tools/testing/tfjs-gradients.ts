/** TensorFlow.js's own gradients. Its Node bundles omit them; its modules have them, and a bundler can load the modules. */

import { createRequire } from 'node:module';
import { bundleForBrowser } from './bundle.js';

/**
 * Registers the gradients for `tf.grads` and `tf.variableGrads` of `@tensorflow/tfjs-core` in this process: tfjs keeps them in a
 * registry shared by all its copies.
 */
export async function registerTfjsGradients(): Promise<void> {
  const path = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  const { entry } = await bundleForBrowser(path);
  await import(`data:text/javascript;base64,${Buffer.from(entry.code).toString('base64')}`);
}
