/** The token of the hub: given, in the environment, or saved by `hf auth login`. */

import { PatchslimError } from '@patchslim/tensor';
import { isNode, nodeFs, nodePath } from '@patchslim/tensor/files';
import { environment, huggingFaceHome, isSet } from './environment.js';

/**
 * The token, of the first place that has one: `given`, `HF_TOKEN`, the file `HF_TOKEN_PATH`, the file `token` in `HF_HOME` (else in
 * `$XDG_CACHE_HOME/huggingface`, else in `~/.cache/huggingface`). `HF_HUB_DISABLE_IMPLICIT_TOKEN` leaves out all but `given`.
 *
 * @throws `INVALID_ARGUMENT` for characters that no header may have, without showing them
 */
export async function hubToken(given: string | undefined): Promise<string | undefined> {
  const token = (given ?? (await implicitToken()))?.trim();
  if (token === undefined || token === '') return undefined;
  // `fetch` would refuse it too, but with the token in its message.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const message = 'fromPretrained: the token has characters that no HTTP header may have';
  throw new PatchslimError('INVALID_ARGUMENT', message);
}

async function implicitToken(): Promise<string | undefined> {
  if (!isNode() || isSet('HF_HUB_DISABLE_IMPLICIT_TOKEN')) return undefined;
  const set = environment('HF_TOKEN');
  if (set !== undefined) return set;
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  const file = environment('HF_TOKEN_PATH') ?? path.join(await huggingFaceHome(), 'token');
  return fs.readFile(file, 'utf8').catch(() => undefined); // nobody logged in
}
