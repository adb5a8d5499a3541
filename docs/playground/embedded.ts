/** The model and the images that come with the page. */

import tShirt from '@patchslim/fashion-vit/images/0-t-shirt-top/00.png?url';
import trouser from '@patchslim/fashion-vit/images/1-trouser/00.png?url';
import pullover from '@patchslim/fashion-vit/images/2-pullover/00.png?url';
import dress from '@patchslim/fashion-vit/images/3-dress/00.png?url';
import coat from '@patchslim/fashion-vit/images/4-coat/00.png?url';
import sandal from '@patchslim/fashion-vit/images/5-sandal/00.png?url';
import shirt from '@patchslim/fashion-vit/images/6-shirt/00.png?url';
import sneaker from '@patchslim/fashion-vit/images/7-sneaker/00.png?url';
import bag from '@patchslim/fashion-vit/images/8-bag/00.png?url';
import ankleBoot from '@patchslim/fashion-vit/images/9-ankle-boot/00.png?url';
import config from '@patchslim/fashion-vit/model/config.json?url';
import weights from '@patchslim/fashion-vit/model/model.safetensors?url';

export const sampleImages = [
  { name: 'T-shirt', address: tShirt },
  { name: 'trouser', address: trouser },
  { name: 'pullover', address: pullover },
  { name: 'dress', address: dress },
  { name: 'coat', address: coat },
  { name: 'sandal', address: sandal },
  { name: 'shirt', address: shirt },
  { name: 'sneaker', address: sneaker },
  { name: 'bag', address: bag },
  { name: 'ankle boot', address: ankleBoot },
] as const;

/** The files in the model's folder. @throws TypeError when the page cannot reach its server */
export function embeddedModel(signal?: AbortSignal): Promise<File[]> {
  const files = [
    ['config.json', config],
    ['model.safetensors', weights],
  ] as const;
  return Promise.all(
    files.map(async ([name, address]) => {
      const response = await fetch(address, { signal: signal ?? null });
      if (!response.ok) throw new TypeError(`${name}: the server answered ${response.status}`);
      return new File([await response.blob()], name);
    }),
  );
}
