/** A recording: a function runs once, and every op call appends nodes to a graph. */

import { PatchslimError, type HostTensor } from '@patchslim/tensor';
import { createGraphBuilder, type FixedValue, type Form, type GraphBuilder } from './graph.js';

/** A tensor with values: a constant, or an output of a program. */
export interface HostHandle {
  readonly kind: 'host';
  readonly host: HostTensor;
}

/** A tensor that exists only while a function is recorded. */
export interface RecordedHandle {
  readonly kind: 'recorded';
  readonly recording: Recording;
  readonly value: FixedValue;
}

export type OnnxHandle = HostHandle | RecordedHandle;

export interface Recording {
  readonly form: Form;
  readonly builder: GraphBuilder;
  /** int64 versions of int32 values by name, to avoid casting indices back and forth. */
  readonly wide: Map<string, FixedValue>;
  /** What a value was before it was reshaped, by the name of the reshaped value. */
  readonly unshaped: Map<string, FixedValue>;
  /** Constants that kernels made, by a key of the kernel. */
  readonly made: Map<string, HostTensor>;
}

export function createRecording(form: Form): Recording {
  return {
    form,
    builder: createGraphBuilder(),
    wide: new Map(),
    unshaped: new Map(),
    made: new Map(),
  };
}

/** The graph value behind a handle; a host tensor becomes a constant of the graph. */
export function valueOf(recording: Recording, handle: OnnxHandle): FixedValue {
  if (handle.kind === 'host') return recording.builder.constant(handle.host);
  if (handle.recording === recording) return handle.value;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `'${handle.value.name}' belongs to another recording: a recorded tensor only lives while its own function is compiled`,
  );
}

/** The values behind a handle outside any recording. */
export function hostOf(handle: OnnxHandle): HostTensor {
  if (handle.kind === 'host') return handle.host;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `'${handle.value.name}' has no values: a recorded tensor can only be passed to ops and returned`,
  );
}
