import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/platform/http/proxy.ts';

const HTTPS_PROXY = 'http://proxy:3128';

describe('NO_PROXY', () => {
  it.each([
    ['', 'https://logs.example.com', true],
    ['logs.example.com', 'https://logs.example.com', false],
    ['LOGS.Example.com', 'https://logs.example.com', false],
    ['example.com', 'https://logs.example.com', false],
    ['.example.com', 'https://logs.example.com', false],
    ['*.example.com', 'https://logs.example.com', false],
    ['ample.com', 'https://logs.example.com', true],
    ['other.org, example.com', 'https://logs.example.com', false],
    ['other.org example.com', 'https://logs.example.com', false],
    ['*', 'https://logs.example.com', false],
    ['logs.example.com:443', 'https://logs.example.com', false],
    ['logs.example.com:9543', 'https://logs.example.com', true],
    ['logs.example.com:9543', 'https://logs.example.com:9543', false],
    ['10.0.0.5', 'https://10.0.0.5', false],
    ['10.0.0.0/8', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://11.1.2.3', true],
    ['10.0.0.0/99', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://logs.example.com', true],
    ['fd00::1', 'https://[fd00::1]', false],
    ['[fd00::1]', 'https://[fd00::1]', false],
    ['[fd00::1]:443', 'https://[fd00::1]', false],
    ['[fd00::1]:444', 'https://[fd00::1]', true],
    ['fd00::/16', 'https://[fd00::1]', false],
  ])('%s: %s goes through the proxy: %s', (NO_PROXY, origin, proxied) => {
    expect(proxyFor(new URL(origin), { HTTPS_PROXY, NO_PROXY }) !== null).toBe(proxied);
    expect(proxyFor(new URL(origin), { HTTPS_PROXY, no_proxy: NO_PROXY }) !== null).toBe(proxied);
  });

  it.each(['https://localhost', 'https://127.0.0.9', 'https://[::1]', 'http://localhost'])(
    '%s needs no entry',
    (origin) => {
      expect(proxyFor(new URL(origin), { HTTPS_PROXY })).toBeNull();
    },
  );

  it('lower case goes first, and an empty variable counts as none', () => {
    const origin = new URL('https://logs.example.com');
    expect(proxyFor(origin, { HTTPS_PROXY, https_proxy: 'http://other:1' })?.endpoint).toEqual({
      host: 'other',
      port: 1,
    });
    expect(proxyFor(origin, { https_proxy: '', HTTPS_PROXY: '' })).toBeNull();
    expect(proxyFor(origin, {})).toBeNull();
  });
});
