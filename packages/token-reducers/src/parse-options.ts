/** Options of a reducer from text, for command lines. */

import { findRunTimeScore, scoreSchema } from '@patchslim/importance-estimators';
import { findByName, PatchslimError } from '@patchslim/tensor';
import * as z from 'zod/mini';
import { describeIssue } from './describe-issue.js';
import { findReducer } from './reducers.js';

/**
 * Parses options from text. A score is given by its name. Missing options stay missing.
 *
 * @throws UNKNOWN_NAME for a reducer, option or score that does not exist; INVALID_ARGUMENT for an invalid value
 * @example
 * parseReducerOptions('top-k', { score: 'class-attention', rest: 'fuse' });
 * // { score: { name: 'class-attention' }, rest: 'fuse' }
 * parseReducerOptions('pitome', { margin: '0.9' }); // { margin: 0.9 }
 */
export function parseReducerOptions(
  name: string,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const { options } = findReducer(name);
  const known = Object.entries(options).map(([key, schema]) => ({ name: key, schema }));
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => {
      if (known.length === 0) {
        throw new PatchslimError('UNKNOWN_NAME', `'${name}' has no options, got '${key}'`, { name: key });
      }
      const { schema } = findByName(known, key, `option of ${name}`);
      return [key, valueOf(schema, text, `${name}: ${key}`)];
    }),
  );
}

function valueOf(schema: z.core.$ZodType, text: string, where: string): unknown {
  const isScore = schema === scoreSchema;
  if (isScore) findRunTimeScore(text);
  const isNumber = text.trim() !== '' && !Number.isNaN(Number(text));
  const value = isScore ? { name: text } : isNumber ? Number(text) : text;
  const { data, error } = z.safeParse(schema, value);
  if (!error) return data;
  const expected = isScore
    ? `the score '${text}' has options, which cannot be given as text`
    : describeIssue(error.issues[0]!);
  throw new PatchslimError('INVALID_ARGUMENT', `${where}: got '${text}': ${expected}`, { text });
}
