import { describeSecondCrashes } from './described.ts';

const rotated = ['g', 'g in doubt', 'g+1'];

describeSecondCrashes(4, { 'rotation-file-twice': rotated, 'rotation-keychain-twice': rotated });
