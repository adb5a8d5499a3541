/** A folder that a user chose in a browser: `<input type="file" webkitdirectory>`, or the files in it. */

import { blobSource } from './byte-source.js';
import { PatchslimError } from '@patchslim/tensor';
import { readWeightIndex } from './containers/split-weights.js';
import { chooseWeights, configFile, jsonFile, openParts, preprocessorFile, type Located } from './located.js';

/**
 * Looks at the files that lie on top; what lies in folders below them is another model's, or none.
 * @throws `NOT_FOUND` without weights, `INVALID_ARGUMENT` with several and none called `model.safetensors`;
 * `CHECKPOINT_INVALID` for absurdly large JSON
 */
export async function locateFiles(files: readonly File[]): Promise<Located> {
  const folder = files.map(pathOf).find((path) => path !== '')?.split('/')[0] ?? 'files'; // prettier-ignore
  const onTop = new Map(
    files.filter((file) => pathOf(file).split('/').length <= 2).map((file) => [file.name, file]),
  );
  const read = (name: string) => {
    const file = onTop.get(name);
    return file && jsonFile(name, file.size, () => file.text());
  };
  const weights = chooseWeights(folder, [...onTop.keys()]);
  const open = (name: string) => {
    const file = onTop.get(name);
    return file
      ? Promise.resolve(blobSource(file))
      : Promise.reject(
          new PatchslimError('NOT_FOUND', `fromPretrained: folder '${folder}' has no file '${name}'`, {
            name,
          }),
        );
  };
  return {
    name: folder,
    weights: weights.endsWith('.index.json')
      ? await openParts(readWeightIndex((await read(weights))!), open)
      : await open(weights),
    config: await read(configFile),
    preprocessor: await read(preprocessorFile),
  };
}

/** Empty, or absent, where no folder was chosen. */
const pathOf = (file: File): string => (file as { webkitRelativePath?: string }).webkitRelativePath ?? '';
