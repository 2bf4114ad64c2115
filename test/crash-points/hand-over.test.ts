import { describeCrashes } from './described.ts';

const refused = ['g', 'g with a new secret', 'g with a new secret in doubt'];
const granted = [...refused, 'g+1'];

describeCrashes('hand-over', {
  'hand-over-file': granted,
  'hand-over-keychain': granted,
  'hand-over-refused-file': refused,
  'hand-over-refused-keychain': refused,
});
