/** What most commands read: a model, a plan, images. And the options that name them. */

import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { openImageFolder, type ImageFolder } from '@patchslim/datasets';
import { blocksFor, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError, type Backend } from '@patchslim/tensor';
import { fromPretrained, placeModel, type BlockPlan, type VitModel } from '@patchslim/vit-models';
import type { CommandContext } from './command.js';

export const weightsOption = { weights: { type: 'string' } } as const;
export const planOption = { plan: { type: 'string' } } as const;
export const backendOption = { backend: { type: 'string', default: 'native' } } as const;
export const dataOptions = {
  data: { type: 'string' },
  corrupt: { type: 'string', default: 'error' },
} as const;

export const weightsHelp = [
  '--weights SOURCE',
  "safetensors file, folder, address or hub id (the model's own hub id when left out)",
] as const;
export const planHelp = ['--plan FILE', 'slim plan (dense when left out)'] as const;
export const backendHelp = ['--backend NAME', 'native (default), webgpu, cuda, reference'] as const;
export const dataHelp = [
  ['--data DIR', 'images: labels.csv, a sub-folder per class, or unlabelled'],
  ['--corrupt skip', 'leave out files that cannot be decoded, with a remark, instead of stopping'],
] as const;

/** Loads weights and places them on a backend. */
export async function loadModel(
  name: string,
  weights: string | undefined,
  backend: Backend,
  { signal, onProgress }: CommandContext,
): Promise<VitModel> {
  return placeModel(backend, await fromPretrained(weights ?? name, { model: name, signal, onProgress }));
}

/** @throws NOT_FOUND, PLAN_INVALID */
export async function readPlan(path: string): Promise<SlimPlan> {
  try {
    return parsePlan(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof PatchslimError) throw cause;
    throw new PatchslimError('NOT_FOUND', `cannot read the plan ${path}`, { path }, cause);
  }
}

/** The blocks of `--plan`, if it was given, for this model. */
export async function planFor(
  model: VitModel,
  path: string | undefined,
): Promise<readonly BlockPlan[] | undefined> {
  return path === undefined ? undefined : blocksFor(await readPlan(path), model);
}

/** Folder and the name it goes by in plans and reports. */
export async function openData(
  directory: string,
  context: CommandContext,
): Promise<ImageFolder & { name: string }> {
  const folder = await openImageFolder(directory, { signal: context.signal });
  return { ...folder, name: basename(resolve(directory)) };
}

/** `--corrupt`: what to do with a file that cannot be decoded. */
export function decoding(corrupt: 'error' | 'skip', context: CommandContext) {
  return {
    corrupt,
    onSkip: (example: { id: string }, error: PatchslimError) =>
      context.note(`left out ${example.id}: ${error.message}`),
  };
}
