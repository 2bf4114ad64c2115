import { describe, expect, it } from 'vitest';
import { downstreamHeaders, upstreamHeaders } from '../../src/serve/proxy/forwarded-headers.ts';

const parts = {
  host: 'logs.example.com',
  token: ['X-JWT-Token', 'the token'] as const,
  length: null,
  hasBody: true,
  expectsContinue: false,
};

describe('headers towards the server', () => {
  it('are those of the client, in order and as often, but for its key, its Authorization and the token header', () => {
    const raw = [
      'Host',
      'x',
      'A',
      '1',
      'a',
      '2',
      'AUTHORIZATION',
      'no',
      'X-Tokenward-Key',
      'no',
      'x-jwt-TOKEN',
      'no',
      'B',
      '3',
    ];
    expect(upstreamHeaders(raw, parts)).toEqual([
      'Host',
      'logs.example.com',
      'A',
      '1',
      'a',
      '2',
      'B',
      '3',
      'X-JWT-Token',
      'the token',
      'Via',
      '1.1 tokenward',
      'Transfer-Encoding',
      'chunked',
    ]);
  });

  it('end with the connection where they are about it, also those that Connection names', () => {
    const raw = [
      'Connection',
      'close , X-One',
      'connection',
      'x-two',
      'X-One',
      '1',
      'X-Two',
      '2',
      'Keep-Alive',
      'x',
      'TE',
      'x',
      'Trailer',
      'x',
      'Upgrade',
      'h2c',
      'Proxy-Connection',
      'x',
    ];
    expect(upstreamHeaders(raw, { ...parts, length: 7 })).toEqual([
      'Host',
      'logs.example.com',
      'X-JWT-Token',
      'the token',
      'Via',
      '1.1 tokenward',
      'Content-Length',
      '7',
    ]);
  });

  it('say nothing of a body where there is none', () => {
    const headers = upstreamHeaders(['Content-Length', '0'], {
      ...parts,
      hasBody: false,
      expectsContinue: true,
    });
    expect(headers).toEqual(['Host', 'logs.example.com', 'X-JWT-Token', 'the token', 'Via', '1.1 tokenward']);
  });
});

describe('headers towards the client', () => {
  it('are those of the server, but for what is about its connection', () => {
    const raw = [
      'Content-Length',
      '3',
      'Connection',
      'keep-alive, x-a',
      'X-A',
      '1',
      'Transfer-Encoding',
      'chunked',
      'Set-Cookie',
      'a',
      'Set-Cookie',
      'b',
    ];
    expect(downstreamHeaders(raw)).toEqual(['Content-Length', '3', 'Set-Cookie', 'a', 'Set-Cookie', 'b']);
  });
});
