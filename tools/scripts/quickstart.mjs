// `npm run quickstart`: the main job, from a fresh clone to a slimmed DeiT-Tiny, on real weights and images.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dataFolder, installIfMissing, nx, root, run } from './workspace.mjs';

const data = dataFolder();
if (!data) {
  console.error(
    [
      'The quick start needs a DeiT-Tiny checkpoint and labelled ImageNet images, which are not here:',
      '  deit_tiny/*.safetensors       DeiT-Ti weights in timm names, e.g. the model.safetensors of the hub',
      '                                repository timm/deit_tiny_patch16_224.fb_in1k',
      '  imagenet_sample/images/*.JPEG with imagenet_sample/labels.csv (columns file,class_index)',
      'Put both folders into one and name it: PATCHSLIM_DATA=/path/to/folder npm run quickstart',
    ].join('\n'),
  );
  process.exit(1);
}
await installIfMissing();
console.log('Building …');
await nx(['run', '@patchslim/cli:build'], { quiet: true });

const out = join(root, 'out/quickstart');
const weights = join(
  data,
  'deit_tiny',
  readdirSync(join(data, 'deit_tiny')).find((name) => name.endsWith('.safetensors')),
);
const images = join(data, 'imagenet_sample');
const names = join(images, 'synset_words.txt');
const patchslim = async (command, ...options) => {
  console.log(`patchslim ${command} deit-tiny …`);
  const args = ['packages/cli/dist/bin.js', command, 'deit-tiny', '--weights', weights, '--json', ...options];
  return JSON.parse(await run(process.execPath, args, { quiet: true }));
};

const labels = existsSync(names) ? ['--labels', names] : [];
const slim = await patchslim('slim', '--data', images, '--out', out, ...labels);
const onnx = await patchslim(
  'export',
  '--plan',
  slim.paths.plan,
  '--onnx',
  join(out, 'model.onnx'),
  '--batch',
  'dynamic',
);
const speed = await patchslim('bench', '--plan', slim.paths.plan, '--batch', '1,8');

const { dense, slimmed } = slim.evaluation;
const percent = (value) => `${value.toFixed(1)} %`;
const rows = [
  ['', 'dense', 'slimmed'],
  [`top-1 (${dense.images} held-back images)`, percent(dense.top1), percent(slimmed.top1)],
  ['top-5', percent(dense.top5), percent(slimmed.top5)],
  ['MACs', `${(slim.macs.dense / 1e9).toFixed(3)} G`, `${(slim.macs.slimmed / 1e9).toFixed(3)} G`],
  ['images/s, decoding included', dense.imagesPerSecond.toFixed(1), slimmed.imagesPerSecond.toFixed(1)],
  ...speed.results.map(({ batch, denseMs, slimmedMs }) => [
    `images/s, batch ${batch}, model alone`,
    (1000 / denseMs).toFixed(1),
    (1000 / slimmedMs).toFixed(1),
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
