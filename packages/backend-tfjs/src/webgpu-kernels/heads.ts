/** WGSL shared by attention and its probabilities: the score of a query and a key, with heads in place in `[B, N, D]`. */

import type { TfTensor } from '../tfjs.js';
import { componentsOf, groupSize, vecCode, type Components, type ShaderInput } from './program.js';

/** Invocations that share a query. */
export const lanes = 4;
export const queriesPerGroup = groupSize / lanes;

export interface Heads {
  readonly components: Components;
  /** Width of a head in vectors. */
  readonly headVecs: number;
  readonly biased: boolean;
}

export function headsOf(width: number, heads: number, bias: TfTensor | undefined): Heads {
  const components = componentsOf(width / heads);
  return { components, headVecs: width / heads / components, biased: bias !== undefined };
}

export const variantOf = ({ components, headVecs, biased }: Heads): string =>
  `${components}-${headVecs}${biased ? '-biased' : ''}`;

/** The bias as a tensor of rank 4; the code repeats axes of length 1. */
export const biasInput = (bias: TfTensor | undefined): readonly ShaderInput[] =>
  bias
    ? [{ name: 'bias', tensor: bias, shape: [...new Array<number>(4 - bias.rank).fill(1), ...bias.shape] }]
    : [];

export const headsCode = ({ components, headVecs, biased }: Heads): string => `
  ${vecCode(components)}
  const groupSize = ${groupSize};
  const lanes = ${lanes};
  const queriesPerGroup = ${queriesPerGroup};
  const headVecs = ${headVecs};
  const lowest = -3.402823e+38;

  /** The query of an invocation. */
  struct Place {
    batch : i32,
    head : i32,
    query : i32,
    lane : i32,
    /** Index of the query in the workgroup. */
    local : i32,
    /** Whether the query exists. All invocations of a group must run; extra ones repeat another query. */
    exists : bool,
  };

  fn placeOf(index : i32) -> Place {
    let batches = uniforms.queryShape.x;
    let queries = uniforms.queryShape.y;
    let groupsPerHead = (queries + queriesPerGroup - 1) / queriesPerGroup;
    let group = index / groupSize;
    let local = i32(localIndex) / lanes;
    let query = group % groupsPerHead * queriesPerGroup + local;
    let batch = group / groupsPerHead / uniforms.heads;
    return Place(
      min(batch, batches - 1),
      group / groupsPerHead % uniforms.heads,
      min(query, queries - 1),
      i32(localIndex) % lanes,
      local,
      query < queries && batch < batches,
    );
  }

  /** Offset of the head in a row of query, key or value, in vectors. */
  fn startOf(batch : i32, rows : i32, row : i32, head : i32) -> i32 {
    return (batch * rows + row) * (uniforms.queryShape.z / ${components}) + head * headVecs;
  }

  fn biasAt(at : vec4<i32>) -> f32 {
    ${
      biased
        ? `let own = min(at, uniforms.biasShape - 1);
    return getBias(own.x, own.y, own.z, own.w);`
        : 'return 0.0;'
    }
  }

  fn scoreOf(place : Place, keyRow : i32) -> f32 {
    let queryStart = startOf(place.batch, uniforms.queryShape.y, place.query, place.head);
    let keyStart = startOf(place.batch, uniforms.keyShape.y, keyRow, place.head);
    var score = 0.0;
    for (var i = 0; i < headVecs; i++) {
      score += product(query[queryStart + i], key[keyStart + i]);
    }
    return score * uniforms.scale + biasAt(vec4<i32>(place.batch, place.head, place.query, keyRow));
  }`;
