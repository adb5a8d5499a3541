/**
 * In Node, the WASM module of tfjs installs process listeners that turn every unhandled rejection into a crash,
 * regardless of the program's settings. When it is disposed, it removes all listeners of these events that
 * existed when it was loaded, including the program's own.
 */

const events = ['uncaughtException', 'unhandledRejection'] as const;

/** Any listener of these events; a `once` listener includes its wrapper. */
type Listener = () => void;

const inNode = (): boolean => typeof process !== 'undefined' && typeof process.rawListeners === 'function';

/** Removes the rethrowing listeners that `load` adds. */
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

/** Restores, in order, the listeners that `dispose` removes. */
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
