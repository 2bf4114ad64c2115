/** What `tokenward emulator` prints at its start: where it is, and command lines to try that work as they stand. */

interface Facts {
  readonly url: string;
  readonly policy: string;
  /** null for plain HTTP. */
  readonly caFile: string | null;
  /** null where the default token is good. */
  readonly adminTokenFile: string | null;
}

export function emulatorGuide({ url, policy, caFile, adminTokenFile }: Facts): readonly string[] {
  const curl = `curl -s${caFile === null ? '' : ` --cacert ${caFile}`}`;
  const admin = adminTokenFile === null ? 'emulator-admin' : `$(cat ${adminTokenFile})`;
  const tls = caFile === null ? '' : `, tls: { ca_file: ${caFile} }`;
  return [
    `The emulator of a vcf-logs server listens at ${url} (policy ${policy}).`,
    ...(caFile === null ? [] : [`Its certificate is from the authority in ${caFile}.`]),
    `The administrator's token is ${adminTokenFile === null ? admin : `in ${adminTokenFile}`}.`,
    '',
    'In the configuration:',
    `  agents: { web-01: { provider: vcf-logs, url: "${url}"${tls}, secret: { store: file } } }`,
    '',
    'Create a secret, see what was counted, let the next exchange fail after the server has committed:',
    `  ${curl} -H "Authorization: Bearer ${admin}" -d '{"name":"web-01"}' ${url}/api/v2/agent/secrets`,
    `  ${curl} ${url}/_emulator/state`,
    `  ${curl} -d '{"kind":"reset","endpoint":"exchange","when":"after-commit"}' ${url}/_emulator/faults`,
    '',
    ...otherProducts(curl, url, admin),
    '',
    'Ctrl-C ends it, and everything in it is forgotten.',
  ];
}

function otherProducts(curl: string, url: string, admin: string): readonly string[] {
  const revoke = `${url}/api/web/namespaces/system/bulk_revoke/service_credentials`;
  return [
    'It is a Onezone (provider: onezone), too: create a token that makes temporary ones, then end it at the server:',
    `  ${curl} -d '{"name":"web-02"}' ${url}/_emulator/onezone/tokens`,
    `  ${curl} -d '{"name":"web-02"}' ${url}/_emulator/onezone/tokens/revoke`,
    '',
    'And an F5 Distributed Cloud (provider: f5-xc): create API credentials, let one of them fail, revoke in bulk:',
    `  ${curl} -d '{"prefix":"svc-","count":3}' ${url}/_emulator/f5-xc/credentials`,
    `  ${curl} -d '{"names":["svc-2"],"times":1}' ${url}/_emulator/f5-xc/failures`,
    `  ${curl} -H "Authorization: APIToken ${admin}" -d '{"name_selector":{"names":["svc-1","svc-2"]}}' ${revoke}`,
    '',
    'End each token of web-01 a second after the next was issued, so that a shipper that goes on with it is seen:',
    `  ${curl} -d '{"name":"web-01","supersededMs":1000}' ${url}/_emulator/vcf-logs/tokens/life`,
    '',
    'Refuse every token at ingestion with 403, and accept them again:',
    `  ${curl} -d '{"rejectWith":403}' ${url}/_emulator/ingestion`,
    `  ${curl} -d '{"rejectWith":null}' ${url}/_emulator/ingestion`,
  ];
}
