// `npm run quickstart`: the main job, from a fresh clone to a slimmed model, on real weights and images: DeiT-Tiny on
// ImageNet where they are at hand, else the small model of `packages/fashion-vit` and its images.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dataFolder, installIfMissing, nx, root, run } from './workspace.mjs';

await installIfMissing();
console.log('Building …');
await nx(['run', 'patchslim:build'], { quiet: true });

const out = join(root, 'out/quickstart');
const data = dataFolder();
const { model, weights, images, slimOptions } = data ? deitTiny(data) : fashionVit();
const patchslim = async (command, ...options) => {
  console.log(`patchslim ${command} ${model} …`);
  const args = ['packages/patchslim/bin/patchslim.js', command, model, '--json', ...options];
  return JSON.parse(await run(process.execPath, args, { quiet: true }));
};

const slim = await patchslim('slim', '--weights', weights, '--data', images, '--out', out, ...slimOptions);
// Adapted weights belong to the plan that they were adapted to.
const slimmedWeights = slim.paths.model ?? weights;
const onnx = await patchslim(
  'export',
  '--weights',
  slimmedWeights,
  '--plan',
  slim.paths.plan,
  '--onnx',
  join(out, 'model.onnx'),
  '--batch',
  'dynamic',
);
const speed = await patchslim(
  'bench',
  '--weights',
  slimmedWeights,
  '--plan',
  slim.paths.plan,
  '--batch',
  '1,8',
);

const { dense, slimmed } = slim.evaluation;
const { formatPercent, formatSpeedup } = await import('@patchslim/report'); // there since the build above
const share = (side, figure) => formatPercent(side[figure], side.intervals[figure]);
const rows = [
  ['', 'dense', 'slimmed'],
  [`top-1 (${dense.images} held-back images)`, share(dense, 'top1'), share(slimmed, 'top1')],
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
  ...(slim.paths.model ? [['weights', slim.paths.model]] : []),
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
    slimOptions: [],
  };
}

function fashionVit() {
  console.log(
    [
      'A small model trained on Fashion-MNIST and its images are used. For DeiT-Tiny on ImageNet put into one folder',
      '  deit_tiny/*.safetensors       the model.safetensors of the hub repository timm/deit_tiny_patch16_224.fb_in1k',
      '  imagenet_sample/images/*.JPEG with imagenet_sample/labels.csv (columns file,class_index)',
      'and name it: PATCHSLIM_DATA=/path/to/folder npm run quickstart',
    ].join('\n'),
  );
  const folder = join(root, 'packages/fashion-vit');
  const search = [
    ...['--method', 'patch-slimming', '--schedule', 'top-down:tolerance=0.001,granularity=20'],
    ...['--recover', 'block'],
  ];
  return {
    model: 'custom',
    weights: join(folder, 'model'),
    images: join(folder, 'images'),
    slimOptions: ['--calibrate', '120', ...search],
  };
}
