/** The expected value of an option, from an issue of its schema. `zod/mini` has no messages of its own. */

import type * as z from 'zod/mini';

export function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected a value of type ${issue.expected}`;
  if (issue.code === 'invalid_value') {
    return `expected ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
  }
  if (issue.code === 'too_small') {
    return `expected a number ${issue.inclusive ? 'from' : 'above'} ${issue.minimum}`;
  }
  return issue.message;
}
