import type { Mistake } from './mistake.ts';

export const commandLineMistakes: readonly Mistake[] = [
  {
    name: 'node-too-old',
    title: 'Node.js is too old',
    typed: 'run',
    exitCode: 78,
    hostEnv: { NODE_OPTIONS: '--require=FOLDER/old-node.cjs' },
    prepare: async (place) => void (await place.write('old-node.cjs', pretendToBeOld, 0o644)),
  },
  { name: 'no-command', title: 'no command', typed: '', exitCode: 64 },
  { name: 'misspelt-command', title: 'a misspelt command', typed: 'statsu', exitCode: 64 },
  { name: 'command-of-other-tools', title: 'a command that other tools have', typed: 'start', exitCode: 64 },
  { name: 'misspelt-option', title: 'a misspelt option', typed: 'status --jsn', exitCode: 64 },
  { name: 'short-option', title: 'an option of one letter', typed: 'run -c config.yaml', exitCode: 64 },
  {
    name: 'deadline-of-a-daemon',
    title: 'a deadline for a daemon that is to stay',
    typed: 'run --deadline 30s',
    exitCode: 64,
  },
  {
    name: 'deadline-without-unit',
    title: 'a deadline without its unit',
    typed: 'run --once --deadline 30',
    exitCode: 64,
  },
  {
    name: 'once-without-a-secret',
    title: 'a job before there is a secret',
    typed: 'run --once',
    exitCode: 75,
  },
  {
    name: 'configuration-as-argument',
    title: 'the configuration as an argument',
    typed: 'check config.yaml',
    exitCode: 64,
  },
  { name: 'agent-not-named', title: 'no agent is named', typed: 'token', exitCode: 64 },
  { name: 'misspelt-agent', title: 'a misspelt agent', typed: 'token web01', exitCode: 64 },
  {
    name: 'secret-as-argument',
    title: 'the secret as an argument',
    typed: 'import web-01 A-Secret-That-Was-Pasted',
    exitCode: 64,
  },
  {
    name: 'credential-as-option',
    title: "the administrator's credential as an argument",
    typed: 'enroll web-01 --admin-token A-Secret-That-Was-Pasted',
    exitCode: 64,
  },
  {
    name: 'import-of-nothing',
    title: 'import without anything on standard input',
    typed: 'import web-01',
    exitCode: 64,
  },
  {
    name: 'import-of-two-lines',
    title: 'import of more than the secret',
    typed: 'import web-01',
    stdin: 'name: web-01\nA-Secret-That-Was-Pasted\n',
    exitCode: 64,
  },
  {
    name: 'import-for-memory',
    title: 'import without a daemon for a secret that is kept in memory',
    typed: 'import web-01',
    stdin: 'A-Secret-That-Was-Pasted\n',
    exitCode: 64,
    edit: ['store: file', 'store: memory'],
  },
  {
    name: 'secrets-without-action',
    title: 'secrets, without a word what to do with them',
    typed: 'secrets',
    exitCode: 64,
  },
  {
    name: 'secret-into-nowhere',
    title: 'a new secret that would go nowhere',
    typed: 'secrets create web-07 --admin-token-file admin.token',
    exitCode: 64,
  },
  {
    name: 'secret-into-existing-file',
    title: 'a new secret into a file that is there already',
    typed: 'secrets create web-07 --out admin.token --admin-token-file admin.token',
    exitCode: 64,
  },
  {
    name: 'revoke-without-consent',
    title: 'a revocation in a script, without --yes',
    typed: 'secrets revoke web-05 --admin-token-file admin.token',
    exitCode: 64,
  },
  {
    name: 'revoke-at-other-product',
    title: 'what the server of no agent can do',
    typed: 'credentials revoke ci-2024 --yes --admin-token-file admin.token',
    exitCode: 78,
  },
  {
    name: 'names-with-flaws',
    title: 'a list of names that is another file',
    typed: 'secrets revoke --from-file names.txt --yes --admin-token-file admin.token',
    exitCode: 64,
    prepare: async (place) => void (await place.write('names.txt', 'web-05\nweb-06\tACTIVE\n')),
  },
];

const pretendToBeOld = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
Object.defineProperty(process, 'version', { value: 'v20.20.2' });
`;
