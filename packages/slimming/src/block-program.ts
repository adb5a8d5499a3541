/** One block as a separate program: the features between blocks are then in host memory, and can be reused. */

import {
  runOnHost,
  Tensor,
  type HostTensor,
  type Program,
  type Specs,
  type Tensors,
} from '@patchslim/tensor';
import {
  classify,
  runBlocks,
  type BlockPlan,
  type Positions,
  type TokenState,
  type VitModel,
} from '@patchslim/vit-models';

/** A `TokenState` of one batch in host memory. */
export interface HostState {
  /** `[B, n, D]`. */
  readonly tokens: HostTensor;
  /** `[n]`, or int32 `[B, n]` if the positions differ between images. */
  readonly positions: readonly number[] | HostTensor;
  /** `[B, n, 1]`; undefined if nothing was merged. */
  readonly sizes?: HostTensor | undefined;
  /** `[B, n, 1]`; undefined if no block ranks by it. */
  readonly globalClassAttention?: HostTensor | undefined;
}

export interface BlockProgram {
  /** The last block returns logits `[B, C]`, every other block its output state. */
  run(state: HostState): Promise<{ readonly state?: HostState; readonly logits?: HostTensor }>;
  dispose(): Promise<void>;
}

/**
 * Compiles block `block` of a plan for states like `example`. The last block includes the classifier.
 * @throws PLAN_INVALID when such a state cannot reach the block
 */
export async function compileBlock(
  model: VitModel,
  plan: readonly BlockPlan[],
  block: number,
  example: HostState,
): Promise<BlockProgram> {
  const { backend, config } = model;
  let leaving: Positions | undefined;
  const fn = ({ tokens, positions, sizes, globalClassAttention }: Partial<Tensors>): Tensors => {
    const before: TokenState = {
      tokens: tokens!,
      positions: positions ?? (example.positions as readonly number[]),
      sizes,
      globalClassAttention,
    };
    const { state } = runBlocks(model, before, { plan, from: block, to: block + 1 });
    if (block === config.depth - 1) return { logits: classify(model, state) };
    leaving = state.positions;
    return {
      tokens: state.tokens,
      ...(leaving instanceof Tensor ? { positions: leaving } : {}),
      ...(state.sizes ? { sizes: state.sizes } : {}),
      ...(state.globalClassAttention ? { globalClassAttention: state.globalClassAttention } : {}),
    };
  };
  const specs = Object.fromEntries(
    Object.entries(inputsOf(example)).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  ) as Specs;
  const program: Program = await backend.compile(fn, specs);
  return {
    async run(state) {
      const { logits, tokens, positions, sizes, globalClassAttention } = (await runOnHost(
        backend,
        program,
        inputsOf(state),
      )) as Partial<Record<string, HostTensor>>;
      if (logits) return { logits };
      return {
        state: {
          tokens: tokens!,
          positions: positions ?? (leaving as readonly number[]),
          sizes,
          globalClassAttention,
        },
      };
    },
    dispose: () => program.dispose(),
  };
}

function inputsOf({ tokens, positions, sizes, globalClassAttention }: HostState): Record<string, HostTensor> {
  return {
    tokens,
    ...('data' in positions ? { positions } : {}),
    ...(sizes ? { sizes } : {}),
    ...(globalClassAttention ? { globalClassAttention } : {}),
  };
}
