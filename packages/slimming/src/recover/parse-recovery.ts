/** Recoveries as text: `name:key=value,…`, several of them joined by `+`. */

import { findByName, PatchslimError } from '@patchslim/tensor';
import * as list from './list.js';
import type { Recovery } from './recovery.js';
import type { RecoveryFormat } from './recovery-format.js';

/** The recoveries that `parseRecovery` reads, in alphabetical order. */
export const recoveryFormats: readonly RecoveryFormat[] = Object.values(list);

/**
 * Reads `none`, or recoveries that run one after another.
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT
 * @example parseRecovery('block+distill:epochs=5')
 */
export function parseRecovery(text: string): readonly Recovery[] {
  return text === 'none' ? [] : text.split('+').map(parseOne);
}

function parseOne(text: string): Recovery {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const format = findByName(recoveryFormats, name, 'recovery');
  const settings: Record<string, string> = { ...format.defaults };
  for (const part of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
    const [key = '', value = '', ...rest] = part.split('=');
    if (!(key in settings) || value === '' || rest.length > 0) {
      throw new PatchslimError(
        'INVALID_ARGUMENT',
        `parseRecovery(): '${text}' does not read as ${format.usage}`,
      );
    }
    settings[key] = value;
  }
  return format.create(settings);
}
