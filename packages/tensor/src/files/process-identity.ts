/** Identity of a process: its number is unique only on one machine and in one process namespace. */

import { processScope } from './platform.js';

/** Names the scope of this process's number in 16 hex digits; undefined where the system does not tell it. */
export async function hostToken(): Promise<string | undefined> {
  const scope = await processScope();
  if (scope === undefined) return undefined;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(scope));
  return [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
