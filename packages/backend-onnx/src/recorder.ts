/** The recording backend: inside `compile` and `record`, ops append graph nodes; outside, it only stores values. */

import {
  createBackend,
  mapValues,
  opTable,
  PatchslimError,
  scope,
  Tensor,
  type Backend,
  type Kernels,
  type OpCall,
  type OpDefinition,
  type OpName,
  type Program,
  type ProgramFunction,
  type Specs,
  type TensorSpec,
} from '@patchslim/tensor';
import { withDynamicBatch } from './dynamic-batch.js';
import type { FixedValue, Form, Graph } from './graph.js';
import { kernelsByForm, type EmitSome } from './kernels/index.js';
import { createRecording, hostOf, valueOf, type OnnxHandle, type Recording } from './recording.js';
import { storeWeightsAs, type WeightType } from './weight-types/index.js';
import { createWriter } from './writer.js';

/** Options of `record`. */
export interface RecordOptions {
  /** By default the backend's form. */
  readonly form?: Form | undefined;
  /** Turns the first dimension of every input, and every dimension derived from it, into the symbol `batch`. */
  readonly batch?: 'dynamic' | undefined;
  /**
   * Storage type of constants of 1024 or more elements. `float16` takes half the bytes and still computes in float32.
   * `int8` takes a quarter and computes products with a constant matrix in integers. @default 'float32'
   */
  readonly weights?: WeightType | undefined;
}

/** A backend that can return the graph of a function. */
export interface OnnxRecorder extends Backend {
  readonly form: Form;
  /**
   * Records the graph of `fn` for inputs of the given shapes. Tensors that `fn` closes over become constants of the graph.
   *
   * @throws errors of `fn`; `INVALID_ARGUMENT` with a dynamic batch if `fn` depends on the batch size
   *   other than by proportional shapes, and if a weight is outside the range of its storage type
   * @example const graph = backend.record(({ x }) => ({ y: linear(x, weight, bias) }), { x: { shape: [1, 192], dtype: 'float32' } });
   */
  record<I extends string, O extends string>(
    fn: ProgramFunction<I, O>,
    inputs: Specs<I>,
    options?: RecordOptions,
  ): Graph;
}

/** A graph with the specs that its function declared. */
export interface Recorded<I extends string = string, O extends string = string> {
  readonly graph: Graph;
  readonly inputs: Specs<I>;
  readonly outputs: Specs<O>;
}

/**
 * Creates a backend that only records, to write ONNX files without a runtime, also in a browser.
 *
 * @example
 * const recorder = createOnnxRecorder();
 * const graph = recorder.record(({ x }) => ({ y: gelu(x) }), { x: { shape: [1, 192], dtype: 'float32' } });
 */
export function createOnnxRecorder({ form = 'portable' }: { readonly form?: Form } = {}): OnnxRecorder {
  return createRecordingBackend('onnx-recorder', form, {
    openProgram: () =>
      Promise.reject(
        new PatchslimError(
          'BACKEND_UNAVAILABLE',
          'onnx-recorder only records; run programs with createOnnxBackend() or createOnnxWebBackend()',
        ),
      ),
    close: () => Promise.resolve(),
  });
}

/** Runs recordings. */
export interface ProgramRunner {
  /** Turns a recording into a program. */
  openProgram<I extends string, O extends string>(
    backend: Backend,
    recorded: Recorded<I, O>,
  ): Promise<Program<I, O>>;
  close(): Promise<void>;
  /** See `Backend`. */
  readonly threads?: number | undefined;
}

/** Creates a recorder that turns its graphs into programs with `runner`. */
export function createRecordingBackend(name: string, form: Form, runner: ProgramRunner): OnnxRecorder {
  // Ops find the recording here; ops and the recorded function are synchronous.
  let active: Recording | undefined;

  const record = <I extends string, O extends string>(
    fn: ProgramFunction<I, O>,
    inputs: Specs<I>,
    as: Form,
  ): Recorded<I, O> => {
    const recording = createRecording(as);
    const outer = active;
    active = recording;
    try {
      return scope(backend, () => {
        const results = fn(mapValues(inputs, (spec, key) => placeholder(backend, recording, key, spec)));
        const values = mapValues<O, Tensor, FixedValue>(results, (tensor) =>
          valueOf(recording, tensor.handle as OnnxHandle),
        );
        const outputs = mapValues<O, Tensor, TensorSpec>(results, ({ shape, dtype }) => ({ shape, dtype }));
        return { graph: recording.builder.finish(values), inputs, outputs };
      });
    } finally {
      active = outer;
    }
  };

  const base = createBackend({
    name,
    kernels: createKernels(() => active),
    upload: (host): OnnxHandle => ({ kind: 'host', host }),
    // A copy, so that the caller cannot change a constant.
    download: (handle) => hostOf(handle as OnnxHandle).data.slice(),
    release: () => undefined,
    compile: (_, fn, inputs) => runner.openProgram(backend, record(fn, inputs, form)),
    close: () => runner.close(),
    threads: runner.threads,
  });
  const backend: OnnxRecorder = Object.assign(base, {
    form,
    record<I extends string, O extends string>(
      fn: ProgramFunction<I, O>,
      inputs: Specs<I>,
      options: RecordOptions = {},
    ): Graph {
      const as = options.form ?? form;
      const graphOf = (specs: Specs<I>): Graph => record(fn, specs, as).graph;
      const graph = options.batch === undefined ? graphOf(inputs) : withDynamicBatch(inputs, graphOf);
      return storeWeightsAs(options.weights ?? 'float32', graph, as);
    },
  });
  return backend;
}

function placeholder(backend: Backend, recording: Recording, name: string, spec: TensorSpec): Tensor {
  const value = recording.builder.input(name, spec);
  return new Tensor(
    backend,
    { kind: 'recorded', recording, value } satisfies OnnxHandle,
    spec.shape,
    spec.dtype,
  );
}

/** One kernel per op of any form; if the recording's form has none for a call, it is decomposed. */
function createKernels(active: () => Recording | undefined): Kernels {
  const kernel = (call: OpCall): OnnxHandle => {
    const recording = active();
    if (!recording) {
      throw new PatchslimError(
        'UNSUPPORTED_OP',
        `${call.op}(): this backend records; call ops inside compile()`,
        {
          op: call.op,
        },
      );
    }
    const emit = kernelsByForm[recording.form][call.op] as EmitSome<OpName> | undefined;
    const inputs = call.inputs.map((tensor) => valueOf(recording, tensor.handle as OnnxHandle));
    const value = emit?.(createWriter(recording, call.path), inputs, call.attrs, call.output);
    if (value) return { kind: 'recorded', recording, value };
    const definition: OpDefinition = opTable[call.op];
    return definition.decompose!(call.inputs, call.attrs).handle as OnnxHandle;
  };
  const names = Object.values(kernelsByForm).flatMap((kernels) => Object.keys(kernels));
  return Object.fromEntries(names.map((name) => [name, kernel])) as unknown as Kernels;
}
