/**
 * Makes images and package in the background, while other tests run: `global-setup.ts` starts it. Whoever needs one sooner waits for it, or makes
 * it, by the same functions; so how far this comes changes no result.
 */
import { hasPart } from '../../support/part-list.ts';
import { systemdImage } from './base-images.ts';
import { productImage } from './product-image.ts';
import { productPackage } from './product-package.ts';

await productImage();
await systemdImage();
if (hasPart('debhelper') && hasPart('dpkg-dev')) await productPackage();
