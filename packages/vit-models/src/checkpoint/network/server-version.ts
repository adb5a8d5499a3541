/** Which version of a file a server has, without the file. */

import { isFailure, withRetries, type DownloadOptions } from './attempts.js';
import { validatorOf } from './http-headers.js';

/**
 * The validator of the file at an address, asked by HEAD; undefined where the server does not tell it so: it may refuse HEAD, and
 * a signed address may be for GET alone.
 *
 * @throws `DOWNLOAD_FAILED` when the server is not reached, `ABORTED`
 */
export async function serverVersion(url: URL, options: DownloadOptions): Promise<string | undefined> {
  const { token, accept = 'application/octet-stream' } = options;
  const headers = {
    accept,
    'accept-encoding': 'identity',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return withRetries(url, options, async ({ send }) => {
    const answer = await send(url, { method: 'HEAD', headers });
    if (isFailure(answer)) return answer;
    await answer.arrayBuffer().catch(() => undefined); // empty, but a browser calls it aborted when nobody reads it
    return { kind: 'done', value: answer.status === 200 ? validatorOf(answer.headers) : undefined };
  });
}
