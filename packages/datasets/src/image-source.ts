/** What an image is decoded from. In a file of its own, so that public declarations need no types of sharp. */

/** A path, or the bytes of an encoded image. */
export type ImageSource = string | Uint8Array;
