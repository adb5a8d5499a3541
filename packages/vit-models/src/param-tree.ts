/** Between the tree of parameters and the tensors of a checkpoint. */

import { float32, PatchslimError, sizeOf, type HostTensor, type Shape } from '@patchslim/tensor';
import type { VitConfig } from './config.js';
import type { ParamEntry } from './param-entry.js';
import type { VitParams } from './params.js';
import { canonicalTensors, vitSpec } from './spec.js';

type Host = HostTensor<'float32'>;

/** The shapes of all parameters of an architecture. */
export function paramShapes(config: VitConfig): VitParams<Shape> {
  return treeOf(new Map(vitSpec(config).map(({ path, shape }) => [path, shape])));
}

/**
 * The parameter tree of the tensors of a checkpoint. Weights of layers are transposed to `[in, out]`.
 *
 * @throws `WEIGHTS_MISSING`
 */
export function readParams(config: VitConfig, tensors: ReadonlyMap<string, Host>): VitParams<Host> {
  const leaves = new Map<string, Host>();
  for (const { name, entries } of canonicalTensors(config)) {
    const tensor = tensors.get(name);
    if (!tensor)
      throw new PatchslimError('WEIGHTS_MISSING', `readParams(): ${config.name} needs '${name}'`, { name });
    let begin = 0;
    for (const entry of entries) {
      const rows = tensor.data.subarray(begin, begin + sizeOf(entry.stored));
      leaves.set(
        entry.path,
        isTransposed(entry)
          ? transposed(float32([entry.stored[0]!, rows.length / entry.stored[0]!], rows))
          : float32(entry.shape, rows),
      );
      begin += rows.length;
    }
  }
  const inOrder = vitSpec(config).map(({ path }) => [path, leaves.get(path)!] as const);
  return treeOf(new Map(inOrder));
}

/** The way back: tensors by canonical name, in PyTorch's layout and in the order of `canonicalShapes`. */
export function canonicalParams(config: VitConfig, params: VitParams<Host>): Map<string, Host> {
  const leaf = (path: string) =>
    path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], params) as Host;
  return new Map(
    canonicalTensors(config).map(({ name, shape, entries }) => {
      const parts = entries.map((entry) => {
        const { data, shape: own } = leaf(entry.path);
        return isTransposed(entry) ? transposed({ dtype: 'float32', data, shape: own }).data : data;
      });
      if (parts.length === 1) return [name, float32(shape, parts[0]!)];
      const data = new Float32Array(sizeOf(shape));
      let begin = 0;
      for (const part of parts) {
        data.set(part, begin);
        begin += part.length;
      }
      return [name, float32(shape, data)];
    }),
  );
}

const isTransposed = ({ path }: ParamEntry): boolean => path.endsWith('.weight');

/** `[rows, columns] → [columns, rows]`. */
export function transposed({ data, shape }: Host): Host {
  const [rows, columns] = shape as [number, number];
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = data[row * columns + column]!;
  }
  return float32([columns, rows], result);
}

/** A tree from paths such as `blocks.0.query.weight`; parts that are numbers make a list. */
function treeOf<T>(leaves: ReadonlyMap<string, T>): VitParams<T> {
  const root: Record<string, unknown> = {};
  for (const [path, leaf] of leaves) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let node = root;
    for (const [depth, key] of keys.entries()) {
      node[key] ??= /^\d+$/.test(keys[depth + 1] ?? '') ? [] : {};
      node = node[key] as Record<string, unknown>;
    }
    node[last] = leaf;
  }
  root['prefix'] ??= {};
  return root as unknown as VitParams<T>;
}
