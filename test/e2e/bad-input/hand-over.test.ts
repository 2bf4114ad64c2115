import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { Kept } from './kept.ts';
import { expectTold } from './told.ts';

const wrong = 'a secret that the server never issued';

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

describe('what cannot be a secret', () => {
  it.each([
    ['nothing', ''],
    ['a newline', '\n'],
    ['two lines', 'one\ntwo\n'],
    ['bytes', '\u0000\u0001\u0002'],
    ['a large file', 'x'.repeat(20 * 1024)],
  ])('%s', async (_what, stdin) => {
    const ran = await site.cli(['import', site.agent], { stdin });
    console.log(ran);
    await kept.unharmed();
  });
});

it('wrong one, daemon running', async () => {
  await using daemon = site.run();
  await daemon.started();
  const ran = await site.cli(['import', site.agent], { stdin: wrong });
  console.log(ran, (await site.cli(['status'])).stdout);
  console.log(site.emulator.state().exchanges);
  console.log(await site.cli(['refresh', site.agent]), (await site.cli(['status'])).stdout);
  console.log(site.emulator.state().exchanges);
  console.log(await daemon.end());
});
it('wrong one, daemon not running', async () => {
  const ran = await site.cli(['import', site.agent], { stdin: wrong });
  console.log(ran);
  await using daemon = site.run();
  await daemon.started();
  await new Promise((r) => setTimeout(r, 1000));
  console.log((await site.cli(['status'])).stdout, (await site.cli(['status', '--json'])).stdout);
  console.log(site.emulator.state().exchanges);
  console.log(await daemon.end());
});
