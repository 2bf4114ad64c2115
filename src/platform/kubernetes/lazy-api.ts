import type { KubernetesApi } from './api.ts';
import type { RestApiOptions } from './rest-api.ts';

/** The API server over REST, loaded for the first call: most daemons have nothing to do with one. */
export function lazyApi(options: RestApiOptions): KubernetesApi {
  let loading: Promise<KubernetesApi> | null = null;
  const loaded = () => (loading ??= load(options));
  return {
    getSecret: async (...call) => (await loaded()).getSecret(...call),
    putSecret: async (...call) => (await loaded()).putSecret(...call),
    watchSecret: async (...call) => (await loaded()).watchSecret(...call),
    getLease: async (...call) => (await loaded()).getLease(...call),
    putLease: async (...call) => (await loaded()).putLease(...call),
  };
}

async function load(options: RestApiOptions): Promise<KubernetesApi> {
  try {
    const { createRestApi } = await import('./rest-api.ts');
    return createRestApi(options);
  } catch {
    // what it throws is of classes that this bundle does not know
    return broken;
  }
}

const why =
  'a part of tokenward cannot be loaded, or a file of secret.ca_file cannot be used any more; see to both';
const answer = async () => ({ kind: 'silent', sent: false, detail: why }) as const;
const broken: KubernetesApi = {
  getSecret: answer,
  putSecret: answer,
  watchSecret: answer,
  getLease: answer,
  putLease: answer,
};
