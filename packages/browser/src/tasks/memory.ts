/** Current memory use. */

import type { Session } from '../session.js';
import type { MemoryUse } from '../tasks.js';

/** @throws `INVALID_ARGUMENT` when nothing is open */
export async function memoryTask(session: Session): Promise<MemoryUse> {
  return session.use('memory', ({ name, backend: { memory } }) => {
    const { liveTensors, deviceBytes } = memory;
    return Promise.resolve({ backend: name, liveTensors, ...(deviceBytes !== undefined && { deviceBytes }) });
  });
}
