/** Vite settings for this package, for `vite.config.js` and the configuration of VitePress. Does not import Vite. */

/** The used part of a Vite plugin. */
export interface VitePlugin {
  readonly name: string;
  config(): object;
}

const ours = [
  ...[
    'backend-onnx',
    'backend-tfjs',
    'backends',
    'browser',
    'datasets',
    'flop-counter',
    'importance-estimators',
  ],
  ...['slimming', 'slimming-schedules', 'tensor', 'token-reducers', 'training', 'vit-models'],
];

/**
 * Settings with which Vite finds the worker and the .wasm files, in the dev server and in builds.
 *
 * - Workers are modules with their own chunks: `worker.format` is `es`.
 * - The dev server prebundles dependencies into its own folder, away from the files beside them: packages that load
 *   such files are excluded. The imports of these packages must be prebundled at the start, because a late discovery
 *   reloads the page.
 *
 * @example export default { plugins: [patchslim()] };
 */
export function patchslim(): VitePlugin {
  return {
    name: 'patchslim',
    config: () => ({
      worker: { format: 'es' },
      optimizeDeps: {
        exclude: [...ours.map((name) => `@patchslim/${name}`), 'onnxruntime-web'],
        include: [
          ...['core', 'backend-webgpu', 'backend-cpu'].map((name) => `@tensorflow/tfjs-${name}`),
          '@patchslim/slimming-schedules > zod/mini',
        ].map((path) => `@patchslim/browser > ${path}`),
      },
    }),
  };
}
