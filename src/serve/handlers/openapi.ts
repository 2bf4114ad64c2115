import { createHash } from 'node:crypto';
import type { Handler } from '../call.ts';
import type { LoadDescription } from '../dependencies.ts';
import { isKnownTag } from '../negotiation.ts';
import { bytesReply } from '../reply.ts';

/**
 * `GET /v1/openapi.json`: the description of the API that belongs to this program. It is asked for once in a long while, so it
 * is read then and not kept.
 */
export function openapi(load: LoadDescription): Handler {
  return async ({ request }) => {
    const text = await load();
    const tag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
    const headers = ['Cache-Control', 'no-cache', 'ETag', tag];
    if (isKnownTag(request.headers['if-none-match'], tag)) return { status: 304, headers, body: '' };
    return bytesReply(200, text, { contentType: 'application/json', headers });
  };
}
