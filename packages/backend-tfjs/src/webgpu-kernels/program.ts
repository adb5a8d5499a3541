/** Runs our kernels as programs of tfjs's WebGPU backend, in its queue and on its buffers. */

import { sizeOf, type OpAttrs, type OpName, type Shape, type TensorSpec } from '@patchslim/tensor';
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { Tfjs, TfTensor } from '../tfjs.js';

/** One dispatch. */
export interface Shader {
  /** Shaders of one name differ only by `variant`. */
  readonly name: string;
  /** Key of all code parameters except ranks and dtypes of the tensors, which tfjs distinguishes itself. */
  readonly variant: string;
  readonly inputs: readonly ShaderInput[];
  /** The shape of the result in the code, as `uniforms.outShape`. */
  readonly outputShape: Shape;
  /** Values of the result per element of the array `result`: 1, or 4 as a vector. */
  readonly outputComponents?: Components;
  /** Number of required invocations, in groups of `groupSize`; there can be more, so the code checks its index. */
  readonly invocations: number;
  /** Numbers that the code reads as `uniforms.<name>`. */
  readonly uniforms?: Readonly<Record<string, { readonly type: 'i32' | 'f32'; readonly value: number }>>;
  /** WGSL with `fn main(index : i32)`, the index of the invocation. Indices in a group are adjacent. */
  readonly code: string;
}

export interface ShaderInput {
  /** Name of the array in the code; its shape is `uniforms.<name>Shape`. */
  readonly name: string;
  readonly tensor: TfTensor;
  /** The shape in the code, if it differs from the tensor's. */
  readonly shape?: Shape;
  readonly components?: Components;
}

/** Values per array element. Vectors of four need sizes divisible by four. */
export type Components = 1 | 4;

/** Invocations per workgroup: a size that every GPU supports and uses efficiently. */
export const groupSize = 64;

/** Runs a shader; the returned tensor has the shape and dtype of `output`. */
export type RunShader = (shader: Shader, output: TensorSpec) => TfTensor;

/** Computes one op, if possible in one dispatch. */
export type OwnKernel<N extends OpName> = (
  run: RunShader,
  inputs: readonly TfTensor[],
  attrs: OpAttrs[N],
  output: TensorSpec,
) => TfTensor;

/** Maximum number of workgroups along one axis, on every GPU. */
const mostGroups = 65_535;

/** Uses a second axis if one is too short; tfjs counts invocations over both. */
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

/** Vectors of four if the width is divisible by four. */
export const componentsOf = (width: number): Components => (width % 4 === 0 ? 4 : 1);

/** WGSL: `Vec` with that many values; `total`, their sum; `product`, the dot product. */
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
