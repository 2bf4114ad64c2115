import { describeCrashes } from './described.ts';

const found = ['g', 'g in doubt', 'g+1'];

describeCrashes('rotation', {
  'rotation-file': found,
  'rotation-keychain': found,
  'rotation-keychain-far-behind': found,
  'rotation-bucket-of-one': found,
  'answer-in-a-new-schema': found,
});
