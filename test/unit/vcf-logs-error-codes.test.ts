import { describe, expect, it } from 'vitest';
import type { Answer, Outcome } from '../../src/domain/outcome.ts';
import { errorMeanings } from '../../src/providers/vcf-logs/error-codes.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';

/** Every code of the API page, and the outcome of an exchange that is answered with it and with 400, and with 401 or 403. */
const table: readonly (readonly [code: string, on400: Outcome['kind'], on401And403: Outcome['kind']])[] = [
  ['API_ERROR', 'refused', 'server-trouble'],
  ['LIMIT_ERROR', 'rate-limited', 'rate-limited'],
  ['FIELD_ERROR', 'misconfigured', 'server-trouble'],
  ['TEST_ERROR', 'refused', 'server-trouble'],
  ['JSON_FORMAT_ERROR', 'misconfigured', 'server-trouble'],
  ['LICENSE_ERROR', 'server-trouble', 'server-trouble'],
  ['VSPHERE_INTEGRATION_ERROR', 'server-trouble', 'server-trouble'],
  ['VROPS_INTEGRATION_ERROR', 'server-trouble', 'server-trouble'],
  ['UPGRADE_ERROR', 'server-trouble', 'server-trouble'],
  ['SEARCH_ERROR', 'server-trouble', 'server-trouble'],
  ['AGENT_ERROR', 'refused', 'refused'],
  ['RBAC_COMMON_ERROR', 'refused', 'server-trouble'],
  ['RBAC_USERS_ERROR', 'refused', 'server-trouble'],
  ['RBAC_GROUPS_ERROR', 'refused', 'server-trouble'],
  ['RBAC_ADGROUPS_ERROR', 'refused', 'server-trouble'],
  ['RBAC_DATASETS_ERROR', 'refused', 'server-trouble'],
  ['RBAC_VIDM_GROUPS_ERROR', 'refused', 'server-trouble'],
  ['RBAC_VIDB_GROUPS_ERROR', 'refused', 'server-trouble'],
  ['AUTH_PROVIDER_ERROR', 'server-trouble', 'server-trouble'],
  ['SECURITY_ERROR', 'refused', 'refused'],
  ['DEPLOYMENT_ERROR', 'server-trouble', 'server-trouble'],
  ['SUPPORT_BUNDLE_ERROR', 'server-trouble', 'server-trouble'],
  ['VIP_ERROR', 'server-trouble', 'server-trouble'],
  ['LOAD_BALANCER_ERROR', 'server-trouble', 'server-trouble'],
  ['VIDM_ERROR', 'server-trouble', 'server-trouble'],
  ['VIDB_ERROR', 'server-trouble', 'server-trouble'],
  ['AD_ERROR', 'server-trouble', 'server-trouble'],
  ['WEBHOOK_ERROR', 'server-trouble', 'server-trouble'],
  ['WEB_PROXY_ERROR', 'server-trouble', 'server-trouble'],
  ['SMTP_ERROR', 'server-trouble', 'server-trouble'],
  ['QUERY_ERROR', 'server-trouble', 'server-trouble'],
  ['CERTIFICATE_PEM_FORMAT_ERROR', 'server-trouble', 'server-trouble'],
  ['CERTIFICATE_FILE_INVALID', 'server-trouble', 'server-trouble'],
  ['CERTIFICATE_UPDATE_ERROR', 'server-trouble', 'server-trouble'],
  ['NSX_INTEGRATION_ERROR', 'server-trouble', 'server-trouble'],
  ['NSX_MANAGER_CONNECTIVITY_ERROR', 'server-trouble', 'server-trouble'],
  ['NO_CONFIGURATION_ERROR', 'server-trouble', 'server-trouble'],
  ['SSL_ERROR', 'server-trouble', 'server-trouble'],
  ['CERTIFICATE_PURPOSE_ERROR', 'server-trouble', 'server-trouble'],
  ['VCF_CAPABILITIES_REGISTRY_ERROR', 'server-trouble', 'server-trouble'],
  ['VALIDATION_ERROR', 'misconfigured', 'server-trouble'],
  ['INTERNAL_SERVER_ERROR', 'server-trouble', 'server-trouble'],
  ['UNPROCESSABLE_ENTITY', 'misconfigured', 'server-trouble'],
  ['RESOURCE_EXHAUSTED', 'rate-limited', 'rate-limited'],
];

function complaint(status: number, errorCode: string): Answer {
  const body = Buffer.from(JSON.stringify({ errorCode, errorDetails: {}, errorMessage: 'no' }));
  return { kind: 'http', status, headers: {}, body, complete: true };
}

describe('an error code', () => {
  it.each(table)('%s means %s with 400 and %s with 401 and 403', (code, on400, on401And403) => {
    expect(interpret(complaint(400, code)).kind).toBe(on400);
    expect(interpret(complaint(401, code)).kind).toBe(on401And403);
    expect(interpret(complaint(403, code)).kind).toBe(on401And403);
    expect(interpret(complaint(500, code)).kind).toBe('in-doubt');
    expect(interpret(complaint(400, code))).toMatchObject({
      detail: expect.stringContaining(`400 ${code}`) as string,
    });
  });

  it('has a row for each code of the API page', () => {
    expect(Object.keys(errorMeanings)).toEqual(table.map(([code]) => code));
  });

  it.each(['NEW_ERROR', 'toString', '__proto__'])(
    '%s, which is not on the page, says nothing, and is not quoted',
    (code) => {
      expect(interpret(complaint(400, code))).toEqual({ kind: 'refused', detail: 'the server answered 400' });
      expect(interpret(complaint(403, code)).kind).toBe('server-trouble');
    },
  );
});
