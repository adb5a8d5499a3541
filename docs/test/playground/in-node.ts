/** What Node makes of the playground's own model and images: the page must come to the same. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { imageSet, openImageFolder } from '@patchslim/datasets';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { keptTokens, predict, slim, type ComputedRows } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import { fromPretrained, placeModel, prefixTokens, tokenCount } from '@patchslim/vit-models';
import { fileURLToPath } from 'node:url';
import { describeGroups, groupPatches } from '../../playground/patch-groups.js';

export interface SeenInNode {
  /** Of each block, as the page writes it. */
  readonly texts: readonly string[];
  /** Name of the likeliest class. */
  readonly dense: string;
  readonly slimmed: string;
}

/** The first image of class `label` under the plan of a method. */
export async function seeInNode(label: number, method: string, schedule: string): Promise<SeenInNode> {
  const checkpoint = await fromPretrained(fileURLToPath(modelFolder));
  const backend = await createOnnxBackend();
  const model = placeModel(backend, checkpoint);
  const { examples } = await openImageFolder(fileURLToPath(imageFolder));
  const first = examples.find((example) => example.label === label)!;
  const images = imageSet('sample', [first], checkpoint.preprocessing);
  const blocks = blocksFor((await slim(model, undefined, { method, schedule })).plan, model);
  const likeliest = async (plan?: typeof blocks) => {
    const { classes } = await predict(model, images, { plan, batchSize: 1 });
    return checkpoint.labels![classes[0]!]!;
  };
  const [kept] = await keptTokens(model, images, { plan: blocks, batchSize: 1 });
  const { config } = model;
  const patches = tokenCount(config) - prefixTokens(config);
  const textOf = (rows: ComputedRows, block: number) =>
    describeGroups(groupPatches(rows, patches, prefixTokens(config)), block + 1, config.depth);
  const seen = { texts: kept!.map(textOf), dense: await likeliest(), slimmed: await likeliest(blocks) };
  await backend.close();
  return seen;
}
