/** What stands for the head of an encoder: the identity, so that the network gives its features where others give logits. */

import { float32, type HostTensor } from '@patchslim/tensor';
import type { VitConfig } from '../configs.js';

/** Names of heads, of distilled models too. */
export const headNames = ['head.weight', 'head.bias', 'head_dist.weight', 'head_dist.bias'] as const;

/** Whether tensors with canonical names have no head at all. */
export function lacksHead(tensors: { has(name: string): boolean }): boolean {
  return !headNames.some((name) => tensors.has(name));
}

/** The tensors of the heads, by canonical name. */
export function identityHead({ width, distilled }: VitConfig): Map<string, HostTensor<'float32'>> {
  const identity = () =>
    float32(
      [width, width],
      Float32Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0)),
    );
  return new Map(
    (distilled ? ['head', 'head_dist'] : ['head']).flatMap((name) => [
      [`${name}.weight`, identity()],
      [`${name}.bias`, float32([width], new Float32Array(width))],
    ]),
  );
}
