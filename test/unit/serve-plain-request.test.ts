import { describe, expect, it } from 'vitest';
import { readPlainRequest } from '../../src/serve/plain-request.ts';

const line = 'GET /v1/agents/web-01/token HTTP/1.1';
const request = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;

describe('readPlainRequest', () => {
  it.each([
    ['curl', request(line, 'Host: localhost', 'User-Agent: curl/7.88.1', 'Accept: */*'), { accept: '*/*' }],
    ['lower-case names', request(line, 'host: x', 'accept: text/plain'), { accept: 'text/plain' }],
    ['a known tag', request(line, 'Host: x', 'If-None-Match: "7"'), { 'if-none-match': '"7"' }],
    ['keep-alive', request(line, 'Host: x', 'Connection: Keep-Alive', 'Accept-Encoding: gzip, br'), {}],
  ])('reads %s', (_case, text, wish) => {
    expect(readPlainRequest(text)).toMatchObject({ agentName: 'web-01', wish });
  });

  it.each([
    ['another method', request('HEAD /v1/agents/web-01/token HTTP/1.1', 'Host: x')],
    ['another path', request('GET /v1/agents/web-01 HTTP/1.1', 'Host: x')],
    ['a query', request('GET /v1/agents/web-01/token?min_ttl=60s HTTP/1.1', 'Host: x')],
    ['an absolute target', request('GET http://x/v1/agents/web-01/token HTTP/1.1', 'Host: x')],
    ['an encoded name', request('GET /v1/agents/web%2D01/token HTTP/1.1', 'Host: x')],
    ['a name that no agent can have', request('GET /v1/agents/../token HTTP/1.1', 'Host: x')],
    ['HTTP/1.0', request('GET /v1/agents/web-01/token HTTP/1.0', 'Host: x')],
    ['no Host', request(line, 'Accept: */*')],
    ['two Hosts', request(line, 'Host: x', 'Host: y')],
    ['no headers', request(line)],
    ['a body', request(line, 'Host: x', 'Content-Length: 3')],
    ['a chunked body', request(line, 'Host: x', 'Transfer-Encoding: chunked')],
    ['a connection to be closed', request(line, 'Host: x', 'Connection: close')],
    ['an upgrade', request(line, 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c')],
    ['an expectation', request(line, 'Host: x', 'Expect: 100-continue')],
    ['an unknown header', request(line, 'Host: x', 'X-Anything: 1')],
    ['credentials', request(line, 'Host: x', 'Authorization: Bearer abc')],
    ['a folded header', request(line, 'Host: x', 'Accept: text/plain', ' , */*')],
    ['a space before the colon', request(line, 'Host : x')],
    ['a bare line feed', `${line}\nHost: x\n\n`],
    ['a control character', request(line, 'Host: x\u0001')],
    ['a byte beyond ASCII', request(line, 'Host: \u00E4')],
    ['half a request', `${line}\r\nHost: x\r\n`],
    ['two requests', request(line, 'Host: x').repeat(2)],
    ['something after the request', `${request(line, 'Host: x')}x`],
    ['something before the request', `\r\n${request(line, 'Host: x')}`],
    ['nothing', ''],
  ])('leaves %s to node:http', (_case, text) => {
    expect(readPlainRequest(text)).toBeNull();
  });
});
