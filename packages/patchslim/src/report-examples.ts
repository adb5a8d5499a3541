/** The pictures of a report: some images, their classes before and after, and the patches kept of them. */

import { decodeThumbnail, folderSet, type ImageFolder } from '@patchslim/datasets';
import type { ReportExample } from '@patchslim/report';
import { keptTokens, type Predictions, type SlimmedModel } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import { classesOfLabel, isYes } from '@patchslim/slimming/internal';
import { range, type LongCallOptions } from '@patchslim/tensor';
import { dependsOnImage, headActivation, type HeadConfig } from '@patchslim/vit-models';

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
  const { config } = model;
  const exampleOf = new Map(folder.examples.map((example) => [example.id, example]));
  const examples = dense.ids.slice(0, pictures).map((id) => exampleOf.get(id)!);
  const blocks = blocksFor(plan, model);
  const kept = dependsOnImage(blocks)
    ? await keptTokens(model, folderSet({ ...folder, examples }, model), { ...options, plan: blocks })
    : undefined;
  return Promise.all(
    examples.map(async ({ id, source, label, labels }, i) => ({
      id,
      kept: kept?.[i],
      jpeg: await decodeThumbnail(source, model.preprocessing, model.config.imageSize),
      ...(!dense.embeddings && {
        ...((labels ?? label) !== undefined && {
          label: namesOf(labels ?? labelledClasses(label!, config), names),
        }),
        dense: namesOf(predictedClasses(dense, i), names),
        slimmed: namesOf(predictedClasses(slimmed, i), names),
      }),
    })),
  );
}

/** In the order of the classes, so that equal sets are equal texts. */
const namesOf = (classes: readonly number[], names: readonly string[]): string =>
  classes.length === 0
    ? 'no class'
    : classes
        .toSorted((a, b) => a - b)
        .map((index) => names[index]!)
        .join(', ');

/** The class by a label; the label of a head with one logit says yes or no to its class. */
const labelledClasses = (label: number, config: HeadConfig): readonly number[] =>
  headActivation(config) === 'sigmoid' ? classesOfLabel(label, config) : [label];

/** The likeliest class of an image, or all to which a head with a sigmoid says yes. */
function predictedClasses({ classes, perClass }: Predictions, image: number): readonly number[] {
  if (!perClass) return [classes[image]!];
  const row = perClass.logits.subarray(image * perClass.classes, (image + 1) * perClass.classes);
  return range(perClass.classes).filter((index) => isYes(row[index]!));
}
