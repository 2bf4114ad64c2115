import { describeCrashes } from './described.ts';

const found = ['g', 'g in doubt', 'g+1'];

describeCrashes('failing', {
  'full-disk': found,
  'full-disk-but-for-the-answer': found,
  'locked-keychain': found,
});
