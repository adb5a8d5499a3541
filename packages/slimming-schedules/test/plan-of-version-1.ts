/** A plan with every kind of entry, as patchslim 0.1.0 wrote it in format version 1. */

export const planOfVersion1 = String.raw`{
  "format": "patchslim-plan",
  "version": 1,
  "model": {
    "name": "test",
    "fingerprint": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "depth": 17,
    "tokens": 10,
    "prefixTokens": 1
  },
  "provenance": {
    "tool": "patchslim 0.1.0",
    "method": "patch-slimming",
    "estimator": "impact",
    "attention": "dense",
    "schedule": "counts:10,3,1",
    "keys": "compact",
    "seed": 0,
    "data": "images",
    "images": 256,
    "macs": {
      "dense": 1000,
      "slimmed": 600
    }
  },
  "blocks": [
    {"kind":"dense"},
    {"kind":"keep","keep":[0,1,2,3,4,5,6,7,9],"keys":"all"},
    {"kind":"rank","count":10,"ranker":{"name":"predictor","positions":[0,0.3333333,0.6666667,1,1.333333,1.666667,2,2.333333,2.666667,3],"weights":[3.333333e-10,-66.66667]}},
    {"kind":"merge","count":9,"merger":{"name":"ward"}},
    {"kind":"merge","count":9,"merger":{"name":"pool"}},
    {"kind":"merge","count":8,"merger":{"name":"tome"}},
    {"kind":"merge","count":8,"merger":{"name":"pitome","margin":0.45}},
    {"kind":"merge","count":7,"merger":{"name":"mctf"}},
    {"kind":"merge","count":6,"merger":{"name":"diffrate","kept":7}},
    {"kind":"merge","count":6,"merger":{"name":"tps"}},
    {"kind":"merge","count":5,"merger":{"name":"zero-tprune","iterations":30}},
    {"kind":"rank","count":5,"ranker":{"name":"class-attention"}},
    {"kind":"rank","count":4,"ranker":{"name":"class-attention"},"rest":"fuse"},
    {"kind":"rank","count":4,"ranker":{"name":"global-class-attention"},"rest":"fuse"},
    {"kind":"rank","count":3,"ranker":{"name":"sampled-attention"}},
    {"kind":"rank","count":2,"ranker":{"name":"attention-received"}},
    {"kind":"keep","keep":[0],"keys":"compact"}
  ]
}
`;

/** The cost of its blocks, as patchslim 0.1.0 reported it. */
export const macsOfVersion1: readonly number[] = [
  6720, 6176, 6720, 6530, 5904, 5752, 5120, 5000, 4322, 3648, 5552, 2960, 2808, 2304, 1952, 1424, 672,
];
