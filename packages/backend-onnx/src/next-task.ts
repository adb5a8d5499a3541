/**
 * Yields to the event loop. WebAssembly blocks its caller, so in a loop of runs a page or a worker
 * would receive no clicks, messages or aborts.
 */

/** Resolves after the pending tasks of the event loop. A timer would take four milliseconds. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    // Every port has this property, but Node's types lack it.
    (port1 as unknown as { onmessage: () => void }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
