/** Locations of the files of this package. */

/** Folder with `model.safetensors` and `config.json`, for `fromPretrained`. */
export const modelFolder = new URL('../model/', import.meta.url);

/** Folder with a sub-folder of PNG files per class, `0-t-shirt-top` to `9-ankle-boot`, for `openImageFolder`. */
export const imageFolder = new URL('../images/', import.meta.url);
