/** The recording backend: inside `compile` and `record`, ops append graph nodes; outside, it only holds values. */

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
import { kernelsByForm, type Emit } from './kernels/index.js';
import { createRecording, hostOf, valueOf, type OnnxHandle, type Recording } from './recording.js';
import { storeWeightsAs, type WeightType } from './weight-types/index.js';
import { createWriter } from './writer.js';

/** What `record` makes of a function. */
export interface RecordOptions {
  /** The backend's own form when left out. */
  readonly form?: Form | undefined;
  /** Makes the first dimension of every input, and all that follows from it, the symbol `batch`. */
  readonly batch?: 'dynamic' | undefined;
  /**
   * How constants of 1024 elements and more are stored. `float16` takes half the bytes and computes in float32 as
   * before. `int8` takes a quarter: products with a constant matrix are computed in whole numbers. @default 'float32'
   */
  readonly weights?: WeightType | undefined;
}

/** A backend that can hand out the graph of a function. */
export interface OnnxRecorder extends Backend {
  readonly form: Form;
  /**
   * The graph of `fn` for inputs of the given shapes. Tensors that `fn` closes over become constants of the graph.
   *
   * @throws what `fn` throws; `INVALID_ARGUMENT` when a dynamic batch was asked for and `fn` depends on the batch size
   *   in another way than by shapes proportional to it, and when a weight is beyond what it shall be stored as
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
 * A backend that only records: for writing ONNX files where no runtime is installed, a browser included.
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

/** What becomes of recordings. */
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

/** The recorder, with the given way of making programs of its graphs. */
export function createRecordingBackend(name: string, form: Form, runner: ProgramRunner): OnnxRecorder {
  // Ops find the recording here: they are synchronous, and so is the function that is recorded.
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
    // A copy: what the reader does with it must not change a constant.
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

/** One kernel per op that any form has; an op that the recording's form lacks is decomposed. */
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
    const emit = kernelsByForm[recording.form][call.op] as Emit<OpName> | undefined;
    if (!emit) {
      const definition: OpDefinition = opTable[call.op];
      return definition.decompose!(call.inputs, call.attrs).handle as OnnxHandle;
    }
    const inputs = call.inputs.map((tensor) => valueOf(recording, tensor.handle as OnnxHandle));
    const value = emit(createWriter(recording, call.path), inputs, call.attrs, call.output);
    return { kind: 'recorded', recording, value };
  };
  const names = Object.values(kernelsByForm).flatMap((kernels) => Object.keys(kernels));
  return Object.fromEntries(names.map((name) => [name, kernel])) as unknown as Kernels;
}
