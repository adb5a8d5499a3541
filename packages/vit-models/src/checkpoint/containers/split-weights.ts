/** Weights that are split over several files: an index in JSON says in which file each tensor lies. */

import { PatchslimError } from '@patchslim/tensor';
import { parseJsonObject, type JsonFile } from '../hub-config.js';
import { quoted, refused } from './checkpoint-error.js';
import type { Container, StoredTensor } from './container.js';

/** Of any real checkpoint; the largest have some hundreds. */
const mostFiles = 1000;

/** What an index says. */
export interface WeightIndex {
  readonly name: string;
  /** Names of the files, each once, in the order of their first tensor. */
  readonly files: readonly string[];
  /** File by name of the tensor. */
  readonly fileOf: ReadonlyMap<string, string>;
}

/**
 * Reads `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
 *
 * @throws `CHECKPOINT_INVALID` unless it names files that lie beside it
 */
export function readWeightIndex(json: JsonFile): WeightIndex {
  const map = parseJsonObject(json)['weight_map'];
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw refused(json.name, 'the index of split weights has no object weight_map');
  }
  const fileOf = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    // A path would lead out of the folder.
    if (typeof file !== 'string' || !/^[\w. -]+$/.test(file) || /^\.+$/.test(file)) {
      throw refused(
        json.name,
        `weight_map: '${quoted(tensor)}': expected the name of a file beside the index`,
        { tensor },
      );
    }
    fileOf.set(tensor, file);
  }
  const files = [...new Set(fileOf.values())];
  if (files.length === 0) throw refused(json.name, 'the index of split weights names no files');
  if (files.length > mostFiles) {
    throw refused(json.name, `expected at most ${mostFiles} files of split weights, got ${files.length}`);
  }
  return { name: json.name, files, fileOf };
}

/**
 * The parts as one container.
 *
 * @param parts by name of the file
 * @throws `WEIGHTS_MISSING` for a tensor that its file lacks, `CHECKPOINT_INVALID` for one that lies in another file
 */
export function joinContainers(index: WeightIndex, parts: ReadonlyMap<string, Container>): Container {
  const tensors = new Map<string, StoredTensor>();
  for (const [file, part] of parts) {
    for (const [name, tensor] of part.tensors) {
      if (index.fileOf.get(name) !== file) {
        const told = index.fileOf.get(name);
        const expected = told === undefined ? 'the index does not name it' : `the index says ${quoted(told)}`;
        throw refused(part.file, `has '${quoted(name)}', but ${expected}; do the files belong together?`, {
          tensor: name,
        });
      }
      tensors.set(name, tensor);
    }
  }
  const missing = [...index.fileOf.keys()].filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    const shown = missing.slice(0, 3).map((name) => `${quoted(name)} (${quoted(index.fileOf.get(name)!)})`);
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    throw new PatchslimError(
      'WEIGHTS_MISSING',
      `'${index.name}': the files of the split weights lack ${shown.join(', ')}${more}`,
      { file: index.name, missing: missing.slice(0, 100) },
    );
  }
  const all = [...parts.values()];
  return {
    file: index.name,
    tensors,
    heads: all.find((part) => part.heads !== undefined)?.heads,
    ignored: all.flatMap((part) => part.ignored),
    remarks: [...new Set(all.flatMap((part) => part.remarks))],
  };
}
