import { describeCrashes } from './described.ts';

const found = ['no secret yet', 'g with a new secret', 'g with a new secret in doubt', 'g+1'];

describeCrashes('first enrolment', {
  'first-enrolment-file': found,
  'first-enrolment-keychain': found,
});
