/** How much memory WebAssembly modules hold: what onnxruntime-web allocates shows nowhere else. */

interface WasmMemory {
  readonly buffer: { readonly byteLength: number };
}

/** Sees memories made from now on; the function returned gives the bytes of all of them. */
export function watchWasmMemory(): () => number {
  const memories: WasmMemory[] = [];
  const place = globalThis as unknown as { WebAssembly: { Memory: new (descriptor: object) => WasmMemory } };
  place.WebAssembly.Memory = class extends place.WebAssembly.Memory {
    constructor(descriptor: object) {
      super(descriptor);
      memories.push(this);
    }
  };
  return () => memories.reduce((total, { buffer }) => total + buffer.byteLength, 0);
}
