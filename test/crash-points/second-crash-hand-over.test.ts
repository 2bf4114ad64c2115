import { describeSecondCrashes } from './described.ts';

const pending = ['g with a new secret', 'g with a new secret in doubt', 'g+1'];

describeSecondCrashes(20, {
  'first-enrolment-file-twice': ['no secret yet', ...pending],
  'first-enrolment-keychain-twice': ['no secret yet', ...pending],
  'hand-over-file-twice': ['g', ...pending],
  'hand-over-keychain-twice': ['g', ...pending],
});
