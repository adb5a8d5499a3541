/**
 * A turn for everything else. WebAssembly computes while its caller waits, and a loop of runs would let a page or a worker
 * hear of nothing meanwhile: no click, no message, no abort.
 */

/** Resolves when what waited before in the event loop has had its turn. Timers would take four milliseconds for it. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    // A property of every port; types of Node lack it.
    (port1 as unknown as { onmessage: () => void }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
