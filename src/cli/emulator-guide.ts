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
    'Ctrl-C ends it, and everything in it is forgotten.',
  ];
}
