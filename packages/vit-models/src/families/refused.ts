/** Networks that people bring and that are no plain vision transformers, each with the reason why it is refused. */

/** A kind of network. */
interface RefusedNetwork {
  readonly title: string;
  /** `model_type` of transformers. */
  readonly modelTypes: RegExp;
  /** timm's names of architectures. */
  readonly architectures: RegExp;
  /** Names of tensors that only it has. */
  readonly tensors?: RegExp;
  /** The end of a sentence that begins with its title. */
  readonly reason: string;
}

const networks: readonly RefusedNetwork[] = [
  {
    title: 'Swin',
    modelTypes: /^swin(v2|2sr)?$|^donut-swin$|^maskformer-swin$/,
    architectures: /^swin/,
    tensors: /(^|\.)layers\.\d+\.(blocks\.\d+\.attn\.relative_position_|downsample\.)/,
    reason:
      'attends within windows and merges patches between its stages: the tokens of a block are no set to remove from',
  },
  {
    title: 'Segment Anything',
    modelTypes: /^sam2?(_hq)?(_vision_model)?$/,
    architectures: /^samvit_/,
    tensors: /(^|\.)(attn\.rel_pos_[hw]|neck\.\d+\.weight)$/,
    reason: 'attends within windows in most blocks and needs every patch on its grid',
  },
  {
    title: 'the pretraining model of MAE',
    modelTypes: /^vit_mae$/,
    architectures: /^mae_/,
    tensors: /(^|\.)(decoder_blocks|decoder\.decoder_layers)\.\d+\./,
    reason: 'has a decoder and no classifier; take the encoder alone, or weights that were fine-tuned',
  },
  {
    title: 'a hybrid with a convolutional network',
    modelTypes: /^(vit_hybrid|bit|mobilevit(v2)?|levit|cvt|efficientformer|poolformer)$/,
    architectures: /^(vit_\w+_r\d+|vit_.*(mci|mobileclip)|fastvit|mobilevit|levit|efficientformer|coat|cvt)/,
    tensors: /(^|\.)(patch_embed\.backbone|stages\.\d+\.blocks|embeddings\.patch_embeddings\.backbone)\./,
    reason: 'has convolutions where a plain vision transformer cuts patches, or between its blocks',
  },
  {
    title: 'a network of several resolutions',
    modelTypes: /^(pvt(_v2)?|segformer|hiera|twins|focalnet|nat|dinat|glpn|mvit)$/,
    architectures: /^(pvt|twins|hiera|mvitv2|nest|xcit|cait|crossvit|convit|visformer|maxvit|davit|gcvit)/,
    reason: 'changes the number of its tokens by itself, or attends in another way',
  },
  {
    title: 'a convolutional network',
    modelTypes: /^(resnet|convnext(v2)?|regnet|efficientnet|mobilenet_v[12])$/,
    architectures:
      /^(resnet|resnext|convnext|regnet|efficientnet|tf_efficientnet|mobilenet|densenet|vgg|nfnet)/,
    tensors:
      /^((module|model|backbone)\.)*(layer[1-4]\.\d+\.(conv|bn)\d|bn1\.running_mean|features\.\d+\.\d+\.weight)/,
    reason: 'has no tokens to remove',
  },
];

/** Names by which a file tells its network. */
export interface FileNames {
  readonly modelType?: string | undefined;
  readonly architecture?: string | undefined;
  readonly tensors?: Iterable<string>;
}

/**
 * Says why a file is refused, if its network is a known one of another kind.
 *
 * @example
 * refusedNetwork({ modelType: 'swin' }); // 'Swin attends within windows …'
 */
export function refusedNetwork({ modelType, architecture, tensors = [] }: FileNames): string | undefined {
  const names = [...tensors];
  const found = networks.find(
    (network) =>
      (modelType !== undefined && network.modelTypes.test(modelType)) ||
      (architecture !== undefined && network.architectures.test(architecture)) ||
      names.some((name) => network.tensors?.test(name)),
  );
  return found && `${found.title} ${found.reason}`;
}
