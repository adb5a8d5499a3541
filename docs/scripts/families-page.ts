/**
 * Writes the tables of guide/model-families.md from the families, from runs of every method on a small model of each, and from the
 * golden values: `npm run families-page -w docs`. A test compares the page with them.
 */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createOnnxBackend } from '@patchslim/backend-onnx';
import { tensorSet, type ImageSet } from '@patchslim/datasets';
import { methods, slim } from '@patchslim/slimming';
import { createRandom, float32, isPatchslimError, sizeOf, type Backend, type Shape } from '@patchslim/tensor';
import {
  canonicalShapes,
  createCheckpoint,
  deitPreprocessing,
  families,
  givesEmbedding,
  outputPositions,
  placeModel,
  readParams,
  readsPatches,
  switchesOf,
  type Family,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import { transformersClass } from 'patchslim/cli';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { table } from './markdown/table.js';

/** The page, and the place in it behind which everything is generated. */
export const familiesPage = fileURLToPath(new URL('../guide/model-families.md', import.meta.url));

/** The page as it should be: its written part as it is, then the tables. */
export async function renderFamiliesPage(): Promise<string> {
  const tried = await tryMethods();
  const references = await readReferences();
  const sections = [
    '## What is read\n',
    table(
      ['family', '`model_type`', 'names of weights', 'presets'],
      families.map(({ title, modelTypes, tables, presets }) => [
        title,
        modelTypes.map(code).join(', ') || 'none',
        [...new Set(['timm', ...tables.map(({ origin }) => origin)])].join(', '),
        presets.map(({ name }) => code(name)).join(', '),
      ]),
    ),
    '## What it computes\n',
    'Of the first preset of a family; other weights may have another head.\n',
    table(
      ['family', 'prefix tokens', 'head reads', 'output', 'ONNX outputs', 'class in transformers.js'],
      families.map(({ title, presets }) => {
        const config = presets[0]!.config as VitConfig;
        return [
          title,
          switchesOf(config).prefix.join(', ') || 'none',
          switchesOf(config).pool,
          outputOf(config),
          outputsOf(config).map(code).join(', '),
          transformersClass(config).architecture,
        ];
      }),
    ),
    '## What slims it\n',
    `Each of the ${methods.length} methods made a plan for a small model of the family, and the network ran under it.\n`,
    table(
      ['family', 'methods that slim it', 'others'],
      families.map(({ name, title }) => {
        const results = tried.get(name)!;
        const refused = results.filter(({ reason }) => reason !== undefined);
        return [
          title,
          refused.length === 0 ? `all ${results.length}` : String(results.length - refused.length),
          refused.map(({ method, reason }) => `${method}: ${reason}`).join('; ') || 'none',
        ];
      }),
    ),
    '## What it was compared with\n',
    'Classes of the other libraries that computed the same from the same weights, to 2e-5, and the versions that did.\n',
    table(
      ['family', 'classes', 'versions'],
      families.map(({ name, title }) => {
        const own = references.get(name) ?? [];
        const unique = (of: (one: Reference) => string) =>
          [...new Set(own.map(of))].sort().join('; ') || 'none';
        return [title, unique(({ className }) => className), unique(({ versions }) => versions)];
      }),
    ),
  ];
  return withGenerated(familiesPage, 'families-page', sections.join('\n'));
}

const code = (text: string): string => `\`${text}\``;

function outputOf(config: VitConfig): string {
  if (!givesEmbedding(config)) return 'classes';
  return config.projection ? 'embedding, projected' : 'embedding';
}

const outputsOf = (config: VitConfig): string[] => [
  ...(givesEmbedding(config) ? [] : ['logits']),
  'features',
  'last_hidden_state',
];

/** A method on a family, with the reason if it was refused. */
interface Tried {
  readonly method: string;
  readonly reason?: string;
}

/** Every method on a small model of every family. An error other than a refusal is thrown. */
async function tryMethods(): Promise<Map<string, Tried[]>> {
  const backend = await createOnnxBackend({ threads: 1 });
  const found = new Map<string, Tried[]>();
  try {
    for (const family of families) {
      const model = await smallModel(backend, family);
      const tried: Tried[] = [];
      for (const method of methods) tried.push(await tryMethod(model, method.name));
      found.set(family.name, tried);
    }
  } finally {
    await backend.close();
  }
  return found;
}

async function tryMethod(model: VitModel, method: string): Promise<Tried> {
  try {
    const { config } = model;
    const last = readsPatches(config) ? 9 : outputPositions(config).length;
    const schedule = `counts:13,${last}`;
    const { model: slimmed } = await slim(model, noise(config), { method, schedule, batchSize: 4 });
    const { imageSize } = config;
    const pixels = {
      data: new Uint8Array(3 * imageSize ** 2).fill(128),
      width: imageSize,
      height: imageSize,
    };
    const embedding = await slimmed.embed(pixels);
    await slimmed.close();
    if (!embedding.every(Number.isFinite)) throw new Error(`${method} on ${config.name}: not finite`);
    return { method };
  } catch (error) {
    if (!isPatchslimError(error, 'PLAN_INVALID') && !isPatchslimError(error, 'INVALID_ARGUMENT')) throw error;
    return { method, reason: error.message.replaceAll('|', '/') };
  }
}

/** Two blocks of 16 patches, with the switches of the family. */
async function smallModel(backend: Backend, { name, presets }: Family): Promise<VitModel> {
  const { config: preset } = presets[0]!;
  // The windows of a tokens-to-token stem make patches of 16 pixels, whatever the model.
  const patchSize = preset.stem?.startsWith('t2t') ? 16 : 4;
  const config: VitConfig = {
    ...preset,
    ...{ name, imageSize: 4 * patchSize, patchSize, width: 32, depth: 2, heads: 2, mlpWidth: 48 },
    classes: preset.headless ? 32 : 5,
  };
  const random = createRandom(1);
  const tensors = new Map(
    [...canonicalShapes(config)].map(([key, shape]) => [key, uniform(shape, random)] as const),
  );
  const checkpoint = await createCheckpoint({
    ...{ config, preprocessing: deitPreprocessing(config.imageSize), source: name },
    params: readParams(config, tensors),
  });
  return placeModel(backend, checkpoint);
}

function noise({ imageSize }: VitConfig): ImageSet {
  return tensorSet('noise', uniform([8, 3, imageSize, imageSize], createRandom(2)));
}

const uniform = (shape: Shape, random: () => number) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5),
  );

/** What a golden value was made with. */
interface Reference {
  readonly className: string;
  readonly versions: string;
}

interface Golden {
  readonly maker: string;
  readonly source: { readonly library: string; readonly class: string };
  readonly config?: { readonly model_type?: string; readonly architecture?: string };
}

/** By the name of the family. */
async function readReferences(): Promise<Map<string, Reference[]>> {
  const folder = `${root}packages/vit-models/test/golden/families/`;
  const found = new Map<string, Reference[]>();
  for (const file of (await readdir(folder)).sort()) {
    const golden = JSON.parse(await readFile(`${folder}${file}`, 'utf8')) as Golden;
    const { name } = familyOfGolden(file, golden);
    const { library, class: className } = golden.source;
    const versions = golden.maker.split(', ').slice(1).filter((one) => !one.startsWith('torch ')).join(', '); // prettier-ignore
    found.set(name, [...(found.get(name) ?? []), { className: `${className} (${library})`, versions }]);
  }
  const { source } = JSON.parse(await readFile(`${folder}../t2t-lvvit.json`, 'utf8')) as { source: string };
  const ofPapers = { className: 'a forward pass written from the papers', versions: source.split(', ')[1]! };
  for (const name of ['t2t-vit', 'lv-vit']) found.set(name, [ofPapers]);
  return found;
}

function familyOfGolden(file: string, { config }: Golden): Family {
  const type = config?.model_type;
  const architecture = config?.architecture;
  const byName = families.filter(({ name }) => file.startsWith(`original-${name}`));
  const family =
    families.find(({ modelTypes }) => type !== undefined && modelTypes.includes(type)) ??
    families
      .filter(({ architectures }) => architecture !== undefined && architectures.test(architecture))
      .at(-1) ??
    byName.toSorted((a, b) => b.name.length - a.name.length)[0];
  if (!family) throw new Error(`${file}: no family`);
  return family;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(familiesPage, await renderFamiliesPage());
