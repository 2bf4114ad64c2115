/**
 * Makes the images in the background, while other tests run: `global-setup.ts` starts it. Whoever needs one sooner waits for it, or makes
 * it, by the same functions; so how far this comes changes no result.
 */
import { systemdImage } from './base-images.ts';
import { productImage } from './product-image.ts';

await productImage();
await systemdImage();
