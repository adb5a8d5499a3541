/** What Vite has to know of this package. For `vite.config.js` and the configuration of VitePress; it needs nothing of Vite. */

/** The part of a Vite plugin that is used. */
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
 * The settings under which Vite finds the worker and the .wasm files, while it serves and in a build.
 *
 * - Workers are modules with chunks of their own: `worker.format` is `es`.
 * - While it serves, Vite bundles dependencies into a folder of its own, away from what lies beside them: packages that look for
 *   files there are left out. What these import must be bundled, and at once, since a late find reloads the page.
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
