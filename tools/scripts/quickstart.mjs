// `npm run quickstart`: from a fresh clone to a slimmed model with half of the multiply-accumulates. Uses DeiT-Tiny and images
// of ImageNet if it finds them; otherwise the small model of `packages/fashion-vit` and its images.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dataFolder, installIfMissing, nx, root, run } from './workspace.mjs';

await installIfMissing();
console.log('Building …');
await nx(['run', 'patchslim:build'], { quiet: true });

const out = join(root, 'out/quickstart');
const data = dataFolder();
const { model, weights, images } = data ? deitTiny(data) : fashionVit();
const patchslim = async (command, ...options) => {
  console.log(`patchslim ${command} ${model} …`);
  const args = [
    'packages/patchslim/bin/patchslim.js',
    command,
    model,
    '--weights',
    weights,
    '--json',
    ...options,
  ];
  return JSON.parse(await run(process.execPath, args, { quiet: true }));
};

// The best of all methods at half of the multiply-accumulates, without fine-tuning: the default of `slim`.
const slim = await patchslim('slim', '--data', images, '--out', out);
const withPlan = ['--plan', slim.paths.plan];
const onnxFile = ['--onnx', join(out, 'model.onnx'), '--batch', 'dynamic'];
const onnx = await patchslim('export', ...withPlan, ...onnxFile);
const speed = await patchslim('bench', ...withPlan, '--batch', '1,8');

const { dense, slimmed } = slim.evaluation;
const { formatPercent, formatSpeedup } = await import('@patchslim/report'); // exists after the build above
const share = (side, figure) => formatPercent(side[figure], side.intervals[figure]);
const rows = [
  ['', 'dense', slim.method],
  [`top-1 on ${dense.images} other images`, share(dense, 'top1'), share(slimmed, 'top1')],
  ['top-5', share(dense, 'top5'), share(slimmed, 'top5')],
  ['MACs', `${(slim.macs.dense / 1e9).toFixed(3)} G`, `${(slim.macs.slimmed / 1e9).toFixed(3)} G`],
  ['images/s, decoding included', dense.imagesPerSecond.toFixed(1), slimmed.imagesPerSecond.toFixed(1)],
  ...speed.results.flatMap(({ batch, denseMs, slimmedMs, speedup, spread }) => [
    [`images/s, batch ${batch}, model alone`, (1000 / denseMs).toFixed(1), (1000 / slimmedMs).toFixed(1)],
    ['  speed-up of pairs, quartiles', '', formatSpeedup(speedup, spread)],
  ]),
];
const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
console.log(
  `\n${rows.map((row) => row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')).join('\n')}\n`,
);
for (const [what, path] of [
  ['plan', slim.paths.plan],
  ['report', slim.paths.reportHtml],
  ['ONNX file', onnx.path],
]) {
  console.log(`${what.padEnd(9)}  ${relative(process.cwd(), path)}`);
}

function deitTiny(folder) {
  const checkpoints = readdirSync(join(folder, 'deit_tiny'));
  const sample = join(folder, 'imagenet_sample');
  return {
    model: 'deit-tiny',
    weights: join(
      folder,
      'deit_tiny',
      checkpoints.find((name) => name.endsWith('.safetensors')),
    ),
    images: sample,
  };
}

function fashionVit() {
  console.log(
    [
      'Using a small bundled model and images of Fashion-MNIST. To use DeiT-Tiny and ImageNet, make a folder with',
      '  deit_tiny/*.safetensors       model.safetensors of timm/deit_tiny_patch16_224.fb_in1k on the Hugging Face hub',
      '  imagenet_sample/images/*.JPEG your images, with imagenet_sample/labels.csv (columns file,class_index)',
      'and run: PATCHSLIM_DATA=/path/to/folder npm run quickstart',
    ].join('\n'),
  );
  const folder = join(root, 'packages/fashion-vit');
  return {
    model: 'custom',
    weights: join(folder, 'model'),
    images: join(folder, 'images'),
  };
}
