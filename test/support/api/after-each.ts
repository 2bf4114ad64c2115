import { afterEach } from 'vitest';
import { watchHttp } from './http-watch.ts';
import { judgeAnswers } from './witness.ts';

/** Set up in every file of tests (`vitest.config.ts`): a test fails where the local API answered it otherwise than described. */

watchHttp();
afterEach(judgeAnswers);
