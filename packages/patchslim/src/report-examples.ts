/** The pictures of a report: some images, their classes before and after, and the patches kept of them. */

import { decodeThumbnail, folderSet, type ImageFolder } from '@patchslim/datasets';
import type { ReportExample } from '@patchslim/report';
import { keptTokens, type Predictions, type SlimmedModel } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import type { LongCallOptions } from '@patchslim/tensor';
import { dependsOnImage } from '@patchslim/vit-models';

/** Images with pictures in the report. */
const pictures = 8;

/**
 * Draws the first images of an evaluation.
 *
 * @param folder that the images are in
 * @param names of the classes
 * @throws what decoding throws; ABORTED
 */
export async function reportExamples(
  { plan, model }: SlimmedModel,
  folder: ImageFolder,
  { dense, slimmed }: { readonly dense: Predictions; readonly slimmed: Predictions },
  names: readonly string[],
  options: LongCallOptions & { readonly batchSize: number },
): Promise<ReportExample[]> {
  const exampleOf = new Map(folder.examples.map((example) => [example.id, example]));
  const examples = dense.ids.slice(0, pictures).map((id) => exampleOf.get(id)!);
  const blocks = blocksFor(plan, model);
  const kept = dependsOnImage(blocks)
    ? await keptTokens(model, folderSet({ ...folder, examples }, model), { ...options, plan: blocks })
    : undefined;
  return Promise.all(
    examples.map(async ({ id, source, label }, i) => ({
      id,
      kept: kept?.[i],
      jpeg: await decodeThumbnail(source, model.preprocessing, model.config.imageSize),
      ...(label !== undefined && { label: names[label]! }),
      dense: names[dense.classes[i]!]!,
      slimmed: names[slimmed.classes[i]!]!,
    })),
  );
}
