import type { Mistake } from './mistake.ts';
import { adminToken } from './servers.ts';

const enroll = 'enroll web-01 --admin-token-file admin.token';

/** With the files of the administrator, and on the way to the server. */
export const serverMistakes: readonly Mistake[] = [
  {
    name: 'enroll-without-terminal',
    title: 'enroll without a credential, in a script',
    typed: 'enroll web-01',
    exitCode: 64,
  },
  {
    name: 'enroll-where-nothing-is-created',
    title: 'enroll at a server that creates no secrets on request',
    typed: enroll,
    exitCode: 64,
    edit: ['provider: vcf-logs', 'provider: onezone'],
  },
  {
    name: 'recover-with-a-list-that-is-not',
    title: 'recover asks a server for a list that it does not have',
    typed: 'recover web-01 --admin-token-file admin.token',
    exitCode: 64,
    edit: ['provider: vcf-logs', 'provider: onezone'],
  },
  {
    name: 'credential-file-missing',
    title: "the administrator's credential is not in that file",
    typed: 'enroll web-01 --admin-token-file admin.tokn',
    exitCode: 64,
  },
  {
    name: 'credential-instead-of-its-file',
    title: 'the credential itself instead of its file',
    typed: 'enroll web-01 --admin-token-file A-Secret-That-Was-Pasted-By-Mistake',
    exitCode: 64,
  },
  {
    name: 'credential-file-empty',
    title: 'the file of the credential is empty',
    typed: enroll,
    exitCode: 64,
    prepare: async (place) => void (await place.write('admin.token', '')),
  },
  {
    name: 'credential-file-from-windows',
    title: 'the file of the credential is from Windows',
    typed: enroll,
    exitCode: 64,
    prepare: async (place) => void (await place.write('admin.token', `\uFEFF${adminToken}\r\n`)),
  },
  {
    name: 'credential-file-open-to-all',
    title: 'everybody may read the credential',
    typed: enroll,
    exitCode: 64,
    prepare: async (place) => void (await place.write('admin.token', adminToken, 0o644)),
  },
  {
    name: 'credential-with-bearer',
    title: 'the credential with "Bearer" before it',
    typed: enroll,
    exitCode: 64,
    prepare: async (place) => void (await place.write('admin.token', `Bearer ${adminToken}\n`)),
  },
  {
    name: 'credential-wrong',
    title: 'a credential that the server does not know',
    typed: enroll,
    exitCode: 77,
    prepare: async (place) => void (await place.write('admin.token', 'not-the-administrator\n')),
  },
  {
    name: 'already-enrolled',
    title: 'the server has a secret of that name already',
    typed: enroll,
    exitCode: 77,
  },
  {
    name: 'host-does-not-exist',
    title: 'a host name that does not exist',
    typed: enroll,
    exitCode: 69,
    edit: [/url: .*/, 'url: https://logs.tokenward.invalid'],
  },
  {
    name: 'port-of-nobody',
    title: 'nobody listens at the port',
    typed: enroll,
    exitCode: 69,
    edit: [/url: .*/, 'url: https://127.0.0.1:9'],
  },
  {
    name: 'port-without-tls',
    title: 'https:// to a port that does not speak it',
    typed: enroll,
    exitCode: 69,
    edit: [/url: .*/, 'url: https://127.0.0.1:PORT-OF-plain'],
  },
  {
    name: 'authority-not-named',
    title: 'a certificate of an own authority',
    typed: enroll,
    exitCode: 69,
    edit: [/ +tls: .*\n/, ''],
  },
  {
    name: 'certificate-expired',
    title: 'an expired certificate, or a wrong clock',
    typed: enroll,
    exitCode: 69,
    edit: [/url: .*/, 'url: https://127.0.0.1:PORT-OF-expired'],
  },
  {
    name: 'certificate-of-another-host',
    title: 'a certificate for another host name',
    typed: enroll,
    exitCode: 69,
    edit: [/url: .*/, 'url: https://127.0.0.1:PORT-OF-elsewhere'],
  },
  {
    name: 'proxy-gone',
    title: 'HTTPS_PROXY leads to nobody',
    typed: enroll,
    exitCode: 69,
    env: { HTTPS_PROXY: 'http://127.0.0.1:9' },
    edit: [/url: .*/, 'url: https://logs.example.com'],
  },
];
