import { describe, expect, it } from 'vitest';
import {
  diagAnswer,
  diagRequest,
  entryInTable,
  isOpen,
  loopbackAddress,
} from '../../src/platform/tcp-table.ts';

const client = { address: '127.0.0.1', port: 58_052 };
const server = { address: '127.0.0.1', port: 42_169 };

/** What Linux 6.18 answered about a connection between these ends, made by uid 0. */
const recorded = hex(
  '7c0000001400000007000000a35d0000' +
    '02010000e2c4a4b97f0000010000000000000000000000007f000001000000000000000000000000' +
    '000000000100000000000000' +
    '00000000000000000000000000000000758e0200050008000000000008000f00000000000c00150001000000000000000600160052000000',
);

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function changed(at: number, value: number): Uint8Array {
  const bytes = recorded.slice();
  bytes[at] = value;
  return bytes;
}

describe('an answer of sock_diag', () => {
  it('names the owner', () => {
    expect(diagAnswer(recorded, client, server, 7)).toEqual({ state: 1, uid: 0, inode: 0x2_8e75 });
  });

  it.each([
    ['another connection', recorded, { ...client, port: 1 }, 7],
    ['a socket that listens there', changed(22, 0), client, 7],
    ['no such socket', hex('240000000200000007000000a35d0000feffffff'), client, 7],
  ])('is null for %s', (_case, answer, local, sequence) => {
    expect(diagAnswer(answer, local, server, sequence)).toBeNull();
  });

  it.each([
    ['another question', recorded, 8],
    ['nothing', new Uint8Array(0), 7],
    ['half of it', recorded.subarray(0, 60), 7],
    ['another error', hex('240000000200000007000000a35d0000ffffffff'), 7],
  ])('is an error for %s', (_case, answer, sequence) => {
    expect(() => diagAnswer(answer, client, server, sequence)).toThrow(
      expect.objectContaining({ syscall: 'sock_diag' }),
    );
  });

  it('was asked for with both ends and the loopback interface', () => {
    const asked = Buffer.from(diagRequest(client, server, 7));
    expect(asked).toHaveLength(72);
    expect(asked.subarray(24, 64)).toEqual(Buffer.from([...recorded.subarray(20, 56), 1, 0, 0, 0]));
  });
});

describe('the tables of /proc', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:A4B9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0',
    '   1: 0100007F:E2C4 0100007F:A4B9 01 00000000:00000000 00:00000000 00000000 41001        0 12 1 0 20 4 30 10 -1',
    '   2: 0100007F:0001 0100007F:A4B9 06 00000000:00000000 03:00001751 00000000     0        0 0 3 0',
    '',
    '   0: 00000000000000000000000001000000:0002 00000000000000000000000001000000:A4B9 01 0:0 0:0 0 41002 0 13 1',
    '   1: 0000000000000000FFFF00000100007F:0003 0000000000000000FFFF00000100007F:A4B9 08 0:0 0:0 0 41003 0 14 1',
  ].join('\n');

  it.each([
    ['127.0.0.1', 58_052, { state: 1, uid: 41_001, inode: 12 }],
    ['127.0.0.1', 1, { state: 6, uid: 0, inode: 0 }],
    ['127.0.0.1', 2, null],
    ['::1', 2, { state: 1, uid: 41_002, inode: 13 }],
    ['127.0.0.1', 3, { state: 8, uid: 41_003, inode: 14 }],
  ])('have %s:%d', (address, port, entry) => {
    expect(entryInTable(table, { address, port }, { address, port: 42_169 })).toEqual(entry);
  });
});

it.each([
  [{ state: 1, inode: 5 }, true],
  [{ state: 5, inode: 5 }, true],
  [{ state: 8, inode: 5 }, true],
  // without a process the kernel says uid 0
  [{ state: 5, inode: 0 }, false],
  [{ state: 6, inode: 0 }, false],
  [{ state: 10, inode: 5 }, false],
  [{ state: 2, inode: 5 }, false],
])('%o is open: %s', (entry, open) => {
  expect(isOpen({ uid: 0, ...entry })).toBe(open);
});

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.9.8.7', '127.9.8.7'],
  ['::1', '::1'],
  ['::ffff:192.0.2.1', null],
  ['128.0.0.1', null],
  ['fe80::1%lo', null],
  [undefined, null],
])('the address %s is %s', (address, plain) => {
  expect(loopbackAddress(address)).toBe(plain);
});
