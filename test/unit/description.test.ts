import { describe, expect, it } from 'vitest';
import { descriptionIn } from '../../src/composition/description.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';

describe('the description of the API', () => {
  it('that is not beside the program is missed with its path, and what to do', async () => {
    const load = descriptionIn(new MemoryDisk(), '/opt/tokenward/openapi.json');
    await expect(load()).rejects.toMatchObject({
      code: 'INTERNAL',
      message:
        'the description of the API is not at /opt/tokenward/openapi.json; install the program again, with all of its files',
    });
  });
});
