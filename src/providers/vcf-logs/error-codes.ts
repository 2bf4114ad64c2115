/**
 * The error codes of the API page "Create Agent Session" and what each says about the secret, if anything. The page lists
 * the codes without a word on their meaning, so this table is our reading of their names.
 */

/**
 * - `request`: the form of the request is wrong.
 * - `limit`: too much at once.
 * - `server`: the server, or another system behind it, has a trouble of its own.
 * - `agent`: the agent is not let in.
 * - `unspecific`: says nothing; the status decides.
 */
export type ErrorMeaning = 'request' | 'limit' | 'server' | 'agent' | 'unspecific';

/** In the order of the page. */
export const errorMeanings = {
  API_ERROR: 'unspecific',
  LIMIT_ERROR: 'limit',
  FIELD_ERROR: 'request',
  TEST_ERROR: 'unspecific',
  JSON_FORMAT_ERROR: 'request',
  LICENSE_ERROR: 'server',
  VSPHERE_INTEGRATION_ERROR: 'server',
  VROPS_INTEGRATION_ERROR: 'server',
  UPGRADE_ERROR: 'server',
  SEARCH_ERROR: 'server',
  AGENT_ERROR: 'agent',
  RBAC_COMMON_ERROR: 'unspecific',
  RBAC_USERS_ERROR: 'unspecific',
  RBAC_GROUPS_ERROR: 'unspecific',
  RBAC_ADGROUPS_ERROR: 'unspecific',
  RBAC_DATASETS_ERROR: 'unspecific',
  RBAC_VIDM_GROUPS_ERROR: 'unspecific',
  RBAC_VIDB_GROUPS_ERROR: 'unspecific',
  AUTH_PROVIDER_ERROR: 'server',
  SECURITY_ERROR: 'agent',
  DEPLOYMENT_ERROR: 'server',
  SUPPORT_BUNDLE_ERROR: 'server',
  VIP_ERROR: 'server',
  LOAD_BALANCER_ERROR: 'server',
  VIDM_ERROR: 'server',
  VIDB_ERROR: 'server',
  AD_ERROR: 'server',
  WEBHOOK_ERROR: 'server',
  WEB_PROXY_ERROR: 'server',
  SMTP_ERROR: 'server',
  QUERY_ERROR: 'server',
  CERTIFICATE_PEM_FORMAT_ERROR: 'server',
  CERTIFICATE_FILE_INVALID: 'server',
  CERTIFICATE_UPDATE_ERROR: 'server',
  NSX_INTEGRATION_ERROR: 'server',
  NSX_MANAGER_CONNECTIVITY_ERROR: 'server',
  NO_CONFIGURATION_ERROR: 'server',
  SSL_ERROR: 'server',
  CERTIFICATE_PURPOSE_ERROR: 'server',
  VCF_CAPABILITIES_REGISTRY_ERROR: 'server',
  VALIDATION_ERROR: 'request',
  INTERNAL_SERVER_ERROR: 'server',
  UNPROCESSABLE_ENTITY: 'request',
  RESOURCE_EXHAUSTED: 'limit',
} as const satisfies Record<string, ErrorMeaning>;

/** A code of the list. Others are `null` wherever a code is asked for: their text is the server's, and may be anything. */
export type KnownErrorCode = keyof typeof errorMeanings;

export function isKnownErrorCode(text: string): text is KnownErrorCode {
  return Object.hasOwn(errorMeanings, text);
}

/** A code that is absent or not on the list says nothing. */
export function meaningOf(code: KnownErrorCode | null): ErrorMeaning {
  return code === null ? 'unspecific' : errorMeanings[code];
}
