import { TokenwardError } from '../../domain/errors.ts';
import { firstLineOf } from '../../domain/foreign-text.ts';
import type { ApiRefusal, ApiSilence, ObjectName } from './api.ts';

/** Puts into words why the API server did not do what was asked, and what to do about it. */

export interface Asked {
  readonly verb: 'get' | 'update' | 'watch';
  readonly resource: 'secrets' | 'leases';
  readonly at: ObjectName;
}

const kinds = { secrets: 'Secret', leases: 'Lease' } as const;
const groups = { secrets: '""', leases: 'coordination.k8s.io' } as const;
/** How much of the server's own words is passed on. */
const wordsAtMost = 200;

export function apiError(answer: ApiRefusal | ApiSilence, asked: Asked): TokenwardError {
  const fields = { object: objectText(asked) };
  if (answer.kind === 'silent') {
    const advice = 'see to the network and its policies between this pod and the API server';
    const message = `the Kubernetes API server gave no answer about ${objectText(asked)} (${answer.detail}); ${advice}`;
    return new TokenwardError('STORE_UNREACHABLE', message, { fields });
  }
  const { status, retryAfterMs } = answer;
  const later = retryAfterMs === null ? {} : { retryAfterMs };
  return new TokenwardError('STORE_UNAVAILABLE', refusalText(answer, asked), {
    fields: { ...fields, status },
    ...later,
  });
}

/** `Secret logs/web-01`. */
export function objectText({ resource, at }: Pick<Asked, 'resource' | 'at'>): string {
  return `${kinds[resource]} ${at.namespace}/${at.name}`;
}

function refusalText(answer: ApiRefusal, asked: Asked): string {
  const { verb, resource, at } = asked;
  const object = objectText(asked);
  const words = firstLineOf(answer.message, wordsAtMost);
  switch (answer.status) {
    case 401:
      return `the Kubernetes API server does not know the token of the service account (401); see that the file it is read from is mounted and current`;
    case 403:
      return `the service account may not ${verb} the ${object} (403${words}); its Role needs apiGroups: [${groups[resource]}], resources: [${resource}], resourceNames: [${at.name}], verbs: [get, update${resource === 'secrets' ? ', watch' : ''}]`;
    case 404:
      return `there is no ${object} (404); make it, as tokenward never does: ${howToMake(asked)}`;
    case 409:
      return `the ${object} changes faster than it can be written (409); see who else writes to it`;
    case 429:
      return `the Kubernetes API server has too many requests (429), and the ${object} has to wait; see to its load if that lasts`;
    case 422:
      return isImmutable(answer)
        ? `the ${object} is immutable, so no secret can be kept in it; delete it and make it anew without immutable: true`
        : `the ${object} was not taken (422${words}); see to what the server says`;
    default:
      return answer.status >= 500
        ? `the Kubernetes API server is in trouble (${answer.status}${words}), and the ${object} has to wait; look at it there`
        : `the Kubernetes API server refused to ${verb} the ${object} (${answer.status}${words}); see to what it says`;
  }
}

function isImmutable({ message }: ApiRefusal): boolean {
  return /immutable/.test(message);
}

function howToMake({ resource, at: { namespace, name } }: Asked): string {
  if (resource === 'secrets') return `kubectl --namespace ${namespace} create secret generic ${name}`;
  return `kubectl --namespace ${namespace} create -f FILE, with FILE saying { apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: { name: ${name} } }`;
}
