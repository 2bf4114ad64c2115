import { describeCrashes } from './described.ts';

const found = ['g in doubt', 'g+1'];

describeCrashes('replay', {
  'replay-file': found,
  'replay-keychain': found,
  'replay-refused-file': ['g in doubt', 'lost in flight'],
});
