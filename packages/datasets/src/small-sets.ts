/** Small image sets that everybody knows: where their files come from, what they are called, what tells them genuine. */

/** The images to train with, or the held-back ones. */
export type Split = 'train' | 'test';

/** A file as its authors publish it, compressed. */
export interface OfficialFile {
  readonly name: string;
  /** MD5 in hex, as the authors or torchvision give it; against damage, not against attacks. */
  readonly md5: string;
}

/** The files that hold one split. */
export interface SplitFiles {
  /** To be downloaded from `address` of the set. */
  readonly official: readonly OfficialFile[];
  /** What these hold, in the order that the images have. */
  readonly unpacked: readonly string[];
}

/** A small public image set, and where its files are. */
export interface SmallSet {
  readonly name: string;
  readonly title: string;
  readonly classNames: readonly string[];
  readonly channels: 1 | 3;
  /** Side of each image, in pixels. */
  readonly size: number;
  /** The format of the unpacked files: a file of images and one of labels, or files of records with both. */
  readonly format: 'idx' | 'cifar-10';
  /** Where the official files lie; ends with a slash. */
  readonly address: string;
  /** The folder that the unpacked files have in an archive. */
  readonly folder?: string;
  readonly files: Readonly<Record<Split, SplitFiles>>;
}

/** The sets that `openSmallSet` opens. */
export const smallSets: readonly SmallSet[] = [
  {
    name: 'mnist',
    title: 'MNIST: handwritten digits, 60 000 and 10 000 images (LeCun, Cortes, Burges 1998)',
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    channels: 1,
    size: 28,
    format: 'idx',
    // The mirror that torchvision has: the authors' own page, yann.lecun.com/exdb/mnist, often refuses downloads.
    address: 'https://ossci-datasets.s3.amazonaws.com/mnist/',
    files: idxFiles({
      'train-images': 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
      'train-labels': 'd53e105ee54ea40749a09fcbcd1e9432',
      't10k-images': '9fb629c4189551a2d022fa330f9573f3',
      't10k-labels': 'ec29112dd5afa0611ce80d1b7f02629c',
    }),
  },
  {
    name: 'fashion-mnist',
    title: 'Fashion-MNIST: pieces of clothing, 60 000 and 10 000 images (Xiao, Rasul, Vollgraf 2017)',
    classNames: [
      ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
      ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    ],
    channels: 1,
    size: 28,
    format: 'idx',
    address: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    files: idxFiles({
      'train-images': '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
      'train-labels': '25c81989df183df01b3e8a0aad5dffbe',
      't10k-images': 'bef4ecab320f06d8554ea6380940ec79',
      't10k-labels': 'bb300cfdad3c16e7a12a480ee83cd310',
    }),
  },
  {
    name: 'cifar-10',
    title: 'CIFAR-10: animals and vehicles in colour, 50 000 and 10 000 images (Krizhevsky 2009)',
    classNames: [
      ...['airplane', 'automobile', 'bird', 'cat', 'deer'],
      ...['dog', 'frog', 'horse', 'ship', 'truck'],
    ],
    channels: 3,
    size: 32,
    format: 'cifar-10',
    address: 'https://www.cs.toronto.edu/~kriz/',
    folder: 'cifar-10-batches-bin',
    files: {
      train: cifarFiles([1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`)),
      test: cifarFiles(['test_batch.bin']),
    },
  },
];

type IdxPart = `${'train' | 't10k'}-${'images' | 'labels'}`;

/** The names that MNIST and its successors have. */
function idxFiles(md5: Readonly<Record<IdxPart, string>>): Record<Split, SplitFiles> {
  const split = (prefix: 'train' | 't10k'): SplitFiles => {
    const images = `${prefix}-images-idx3-ubyte`;
    const labels = `${prefix}-labels-idx1-ubyte`;
    return {
      official: [
        { name: `${images}.gz`, md5: md5[`${prefix}-images`] },
        { name: `${labels}.gz`, md5: md5[`${prefix}-labels`] },
      ],
      unpacked: [images, labels],
    };
  };
  return { train: split('train'), test: split('t10k') };
}

function cifarFiles(unpacked: readonly string[]): SplitFiles {
  return {
    official: [{ name: 'cifar-10-binary.tar.gz', md5: 'c32a1d4ab5d03f1284b67883e8d87530' }],
    unpacked,
  };
}
