/** The token of the hub: given, in the environment, or saved by `hf auth login`. */

import { PatchslimError } from '@patchslim/tensor';
import { isNode, nodeFs, nodeOs, nodePath } from '@patchslim/tensor/files';

/**
 * The token, of the first place that has one: `given`, `HF_TOKEN`, the file `HF_TOKEN_PATH`, the file `token` in `HF_HOME` (else in
 * `$XDG_CACHE_HOME/huggingface`, else in `~/.cache/huggingface`). `HF_HUB_DISABLE_IMPLICIT_TOKEN` leaves out the saved one.
 *
 * @throws `INVALID_ARGUMENT` for characters that no header may have, without showing them
 */
export async function hubToken(given: string | undefined): Promise<string | undefined> {
  const token = (given ?? environment('HF_TOKEN') ?? (await savedToken()))?.trim();
  if (token === undefined || token === '') return undefined;
  // `Headers` would refuse it too, but with the token in its message.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const message = 'fromPretrained: the token has characters that no HTTP header may have';
  throw new PatchslimError('INVALID_ARGUMENT', message);
}

async function savedToken(): Promise<string | undefined> {
  if (!isNode() || /^(1|on|yes|true)$/i.test(environment('HF_HUB_DISABLE_IMPLICIT_TOKEN') ?? ''))
    return undefined;
  const [fs, os, path] = await Promise.all([nodeFs(), nodeOs(), nodePath()]);
  const cache = environment('XDG_CACHE_HOME') ?? path.join(os.homedir(), '.cache');
  const home = environment('HF_HOME') ?? path.join(cache, 'huggingface');
  const file = environment('HF_TOKEN_PATH') ?? path.join(home, 'token');
  return fs.readFile(file, 'utf8').catch(() => undefined); // nobody logged in
}

const environment = (name: string): string | undefined =>
  isNode() ? process.env[name] || undefined : undefined;
