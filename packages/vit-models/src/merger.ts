/** What merges tokens of an image while the network runs: the data of it, as a plan holds it. */

/**
 * How a block finds the tokens that it merges; both deal the tokens behind the prefix alternately into two sets, and merge
 * the pairs across them that fit best.
 * - `tome`: between attention and MLP the pairs with the most similar keys become their mean by size (ToMe, arXiv
 *   2210.09461).
 * - `ward`: before the queries the pairs whose mean costs the class token least become their mean by attention; the block
 *   computes what is left. Attention and MLP are saved.
 */
export interface Merger {
  readonly name: 'tome' | 'ward';
}
