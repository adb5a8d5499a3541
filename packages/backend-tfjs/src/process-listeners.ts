/**
 * In Node, the WASM module of tfjs makes itself a listener of the process that turns every unhandled rejection into a crash,
 * whatever the program around has decided; and when it is disposed it takes away all listeners of these events that there
 * were when it was loaded, also those of the program.
 */

const events = ['uncaughtException', 'unhandledRejection'] as const;

/** Any listener of these events; with its wrapper, where it is to be called once. */
type Listener = () => void;

const inNode = (): boolean => typeof process !== 'undefined' && typeof process.rawListeners === 'function';

/** Takes away again what `load` adds of the kind that rethrows. */
export async function withoutCrashHandlers<T>(load: () => T | Promise<T>): Promise<T> {
  if (!inNode()) return load();
  const before = new Set(events.flatMap(listenersOf));
  try {
    return await load();
  } finally {
    for (const event of events) {
      for (const listener of listenersOf(event)) {
        const rethrows = /\bthrow (ex|reason)\b/.test(String(listener));
        if (rethrows && !before.has(listener)) process.removeListener(event, listener);
      }
    }
  }
}

/** Puts back, in their order, the listeners that `dispose` takes away. */
export function keepingListeners(dispose: () => void): void {
  if (!inNode()) {
    dispose();
    return;
  }
  const before = events.map((event) => [event, listenersOf(event)] as const);
  try {
    dispose();
  } finally {
    for (const [event, listeners] of before) {
      const left = new Set(listenersOf(event));
      if (listeners.every((listener) => left.has(listener))) continue;
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
    }
  }
}

const listenersOf = (event: (typeof events)[number]): Listener[] => process.rawListeners(event) as Listener[];
