import { describe, expect, it } from 'vitest';
import { Serving } from './serving.ts';

describe('GET /v1/openapi.json', () => {
  const path = '/v1/openapi.json';

  it('is the document of this version, for everybody who can connect', async () => {
    await using serving = new Serving();
    await serving.listen({ allow: [] });
    const { status, text, json } = await serving.ask(path);
    expect([status, text]).toEqual([200, await serving.description()]);
    expect(json).toMatchObject({ openapi: '3.1.1', info: { title: 'tokenward: the local API' } });
  });

  it('is not sent again to whom has it', async () => {
    await using serving = new Serving();
    await serving.listen();
    const { headers } = await serving.ask(path);
    const { etag = '' } = headers;
    expect(await serving.ask(path, { headers: { 'If-None-Match': etag } })).toMatchObject({
      status: 304,
      text: '',
    });
    serving.description = async () => '{"openapi":"3.1.1","info":{},"paths":{}}';
    const later = await serving.ask(path, { headers: { 'If-None-Match': etag } });
    expect(later.status).toBe(200);
    expect(later.headers.etag).not.toBe(etag);
  });

  it('is read for each request', async () => {
    await using serving = new Serving();
    let reads = 0;
    const { description } = serving;
    serving.description = () => {
      reads += 1;
      return description();
    };
    await serving.listen();
    expect(reads).toBe(0);
    for (const _ of [1, 2]) await serving.ask(path);
    expect(reads).toBe(2);
  });
});
