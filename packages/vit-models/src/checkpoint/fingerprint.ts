/** The identity of a model: what a slim plan is made for. */

import { PatchslimError, type HostTensor } from '@patchslim/tensor';
import { changedSwitches, isDistilled, type VitConfig } from '../config.js';

/**
 * SHA-256, in hex, over the architecture and over name, shape and bytes of every tensor. It depends neither on the
 * names nor the dtype used in the file, nor on the order of the tensors; nor on `name` and `layerNormEps`, so that the
 * same weights in timm's and in Hugging Face's form are the same model.
 *
 * @throws `BACKEND_UNAVAILABLE` in a browser page without HTTPS, where `crypto.subtle` is absent
 */
export async function fingerprint(
  config: VitConfig,
  tensors: ReadonlyMap<string, HostTensor<'float32'>>,
): Promise<string> {
  const { imageSize, patchSize, width, depth, heads, mlpWidth, classes } = config;
  const distilled = isDistilled(config);
  // A distillation token has a place of its own: plans of models that had it before the other switches stay valid.
  const { prefix, ...others } = changedSwitches(config);
  const switches =
    String(prefix) === 'class,distillation' ? others : { ...others, ...(prefix && { prefix }) };
  const architecture: unknown[] = [imageSize, patchSize, width, depth, heads, mlpWidth, classes, distilled];
  if (Object.keys(switches).length > 0) architecture.push(JSON.stringify(switches));
  const names = [...tensors.keys()].sort();
  const digests: unknown[] = [];
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    digests.push([name, shape, await sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]);
  }
  return sha256(new TextEncoder().encode(JSON.stringify([architecture, digests])));
}

/**
 * SHA-256 in hex.
 *
 * @throws `BACKEND_UNAVAILABLE` in a browser page without HTTPS, where `crypto.subtle` is absent
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new PatchslimError(
      'BACKEND_UNAVAILABLE',
      'fingerprint: crypto.subtle is absent; serve the page over HTTPS or from localhost',
    );
  }
  // A copy: browsers take no memory that threads share.
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
