import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Programs that tests start find their code compiled already, where an earlier one left it
 * (https://nodejs.org/docs/latest-v24.x/api/module.html#module-compile-cache): half of a short command's time goes into that.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: join(tmpdir(), `tokenward-tests-compile-cache-${process.geteuid?.() ?? 0}`),
};
