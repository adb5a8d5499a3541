/** Methods by name. Every reducer is a method. To add another: write its file, add one line here. */

import { findByName, PatchslimError } from '@patchslim/tensor';
import { findReducer, reducers } from '@patchslim/token-reducers';
import { dps } from './dps.js';
import type { Method } from './method.js';
import { patchSlimming } from './patch-slimming.js';
import { reducerMethod } from './reducer-method.js';
import { ats, classAttention, evit, evoVit, power } from './top-k-methods.js';

/** Every method with its default settings. `auto` takes the best of them. */
export const methods: readonly Method[] = [
  ...reducers.filter(({ hasDefaults }) => hasDefaults).map((reducer) => reducerMethod(reducer)),
  evit,
  evoVit,
  ats,
  power,
  classAttention,
  dps,
  patchSlimming(),
];

/**
 * Reads a method from text: a name, or a name with settings. A reducer with settings is a method too.
 *
 * @throws UNKNOWN_NAME, INVALID_ARGUMENT
 * @example
 * parseMethod('ward');
 * parseMethod('patch-slimming:score=rollout,keys=all');
 * parseMethod('top-k:score=class-attention,rest=fuse');
 */
export function parseMethod(text: string): Method {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const known = methods.find((method) => method.name === name);
  const reducer = reducers.find((each) => each.name === name);
  if (colon < 0 && reducer && !known) {
    const settings = Object.keys(reducer.options).map((key) => `${key}=…`);
    throw new PatchslimError('INVALID_ARGUMENT', `'${name}' needs settings: ${name}:${settings.join(',')}`);
  }
  if (colon < 0) return known ?? findByName(methods, name, 'method');
  const method = known ?? (reducer ? reducerMethod(findReducer(name)) : findByName(methods, name, 'method'));
  if (method.withSettings) return method.withSettings(readSettings(text, colon));
  throw new PatchslimError('INVALID_ARGUMENT', `'${text}': ${name} has no settings`);
}

function readSettings(text: string, colon: number): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const part of text.slice(colon + 1).split(',')) {
    const [key = '', value = '', ...rest] = part.split('=');
    if (key === '' || value === '' || rest.length > 0) {
      const message = `'${text}' does not read as NAME:key=value,…`;
      throw new PatchslimError('INVALID_ARGUMENT', message);
    }
    settings[key] = value;
  }
  return settings;
}
