/** Encoders have no classes. */

import { PatchslimError } from '@patchslim/tensor';
import type { VitConfig } from './config.js';

/**
 * Makes sure that a model has a head.
 *
 * @param where function, for the message
 * @throws `INVALID_ARGUMENT` for an encoder (`config.headless`)
 * @example
 * requireHead(model.config, 'classify');
 */
export function requireHead({ name, headless = false }: VitConfig, where: string): void {
  if (!headless) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `${where}: the weights of '${name}' have no head, so there are no classes; use embed, or weights with a head`,
    { model: name },
  );
}
