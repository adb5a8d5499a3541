/** How a kernel of our own runs within tfjs's WebGPU backend: as one of its programs, in its queue and on its buffers. */

import { sizeOf, type OpAttrs, type OpName, type Shape, type TensorSpec } from '@patchslim/tensor';
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { Tfjs, TfTensor } from '../tfjs.js';

/** One dispatch. */
export interface Shader {
  /** All shaders of one name are the same code, but for `variant`. */
  readonly name: string;
  /** What the code depends on beyond the ranks and dtypes of the tensors, which tfjs tells apart itself. */
  readonly variant: string;
  readonly inputs: readonly ShaderInput[];
  /** The result's values in the shape in which the code sees them, as `uniforms.outShape`. */
  readonly outputShape: Shape;
  /** Values of the result per element of the array `result`: 1, or 4 as a vector. */
  readonly outputComponents?: Components;
  /** Invocations that are needed, in groups of `groupSize`; there can be more, so the code looks at its index. */
  readonly invocations: number;
  /** Numbers that the code reads as `uniforms.<name>`. */
  readonly uniforms?: Readonly<Record<string, { readonly type: 'i32' | 'f32'; readonly value: number }>>;
  /** WGSL with `fn main(index : i32)`, the index of the invocation. Invocations of a group have adjacent ones. */
  readonly code: string;
}

export interface ShaderInput {
  /** As the code calls its array; its shape is `uniforms.<name>Shape`. */
  readonly name: string;
  readonly tensor: TfTensor;
  /** Another shape of the same values than the tensor's own. */
  readonly shape?: Shape;
  readonly components?: Components;
}

/** Values per array element. Vectors of four need sizes that four divides. */
export type Components = 1 | 4;

/** Invocations per workgroup: a size that every GPU has, and keeps busy. */
export const groupSize = 64;

/** Runs a shader; the tensor that comes back has the shape and dtype of `output`. */
export type RunShader = (shader: Shader, output: TensorSpec) => TfTensor;

/** Computes one op, in one dispatch where it can. */
export type OwnKernel<N extends OpName> = (
  run: RunShader,
  inputs: readonly TfTensor[],
  attrs: OpAttrs[N],
  output: TensorSpec,
) => TfTensor;

/** Workgroups along one axis, on every GPU. */
const mostGroups = 65_535;

/** A second axis where one is too short; tfjs counts invocations over both. */
export function groupsFor(invocations: number): [number, number, number] {
  const groups = Math.ceil(invocations / groupSize);
  const rows = Math.ceil(groups / mostGroups);
  return [Math.ceil(groups / rows), rows, 1];
}

export function createRunShader(tf: Tfjs, instance: WebGPUBackend): RunShader {
  return (shader, { shape, dtype }) => {
    const uniforms = Object.entries(shader.uniforms ?? {});
    const program: WebGPUProgram = {
      shaderKey: `patchslim-${shader.name}-${shader.variant}`,
      variableNames: shader.inputs.map(({ name }) => name),
      variableComponents: shader.inputs.map(({ components = 1 }) => components),
      outputShape: [...shader.outputShape],
      outputComponent: shader.outputComponents ?? 1,
      workgroupSize: [groupSize, 1, 1],
      dispatchLayout: { x: shader.outputShape.map((_, axis) => axis) },
      dispatch: groupsFor(shader.invocations),
      uniforms: uniforms.map(([name, { type }]) => `${name} : ${type}, `).join(''),
      getUserCode: () => shader.code,
    };
    const inputs = shader.inputs.map(({ tensor, shape = tensor.shape }) => ({
      dataId: tensor.dataId,
      shape: [...shape],
      dtype: tensor.dtype,
    }));
    const values = uniforms.map(([, { type, value }]) => ({
      type: type === 'i32' ? 'int32' : 'float32',
      data: [value],
    }));
    const { dataId } = instance.runWebGPUProgram(program, inputs, dtype, values);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype });
  };
}

/** Vectors of four where rows of this width divide into them. */
export const componentsOf = (width: number): Components => (width % 4 === 0 ? 4 : 1);

/** WGSL: `Vec`, which holds that many values; `total`, their sum; `product`, the sum of products. */
export const vecCode = (components: Components): string =>
  components === 4
    ? `
  alias Vec = vec4<f32>;
  fn total(x : Vec) -> f32 { return dot(x, Vec(1.0)); }
  fn product(a : Vec, b : Vec) -> f32 { return dot(a, b); }`
    : `
  alias Vec = f32;
  fn total(x : Vec) -> f32 { return x; }
  fn product(a : Vec, b : Vec) -> f32 { return a * b; }`;

/** A tensor as a matrix of its last axis. */
export function rowsOf(shape: Shape): { rows: number; width: number } {
  const width = shape.at(-1)!;
  return { rows: sizeOf(shape.slice(0, -1)), width };
}
