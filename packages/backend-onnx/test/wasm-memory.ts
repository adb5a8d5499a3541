/** Measures the memory of WebAssembly modules, including onnxruntime-web; no other counter shows it. */

interface WasmMemory {
  readonly buffer: { readonly byteLength: number };
}

/** Watches WebAssembly memories created from now on; the returned function returns their total bytes. */
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
