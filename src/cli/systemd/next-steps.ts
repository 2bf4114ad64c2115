import type { Done } from './carry-out.ts';
import type { Purpose } from './placed-files.ts';

interface Ended {
  readonly uninstall: boolean;
  readonly done: readonly Done[];
  /** Where the examples of drop-ins are. */
  readonly examples: string;
}

/** What is left for a person, a line each. Pure. */
export function nextSteps(purpose: Purpose, { uninstall, done, examples }: Ended): readonly string[] {
  if (purpose.kind === 'package')
    return [uninstall ? 'the folder is as before' : 'the folder is ready to be packed'];
  return uninstall ? afterUninstall(purpose, done) : afterInstall(purpose, done, examples);
}

function afterInstall(purpose: Purpose, done: readonly Done[], examples: string): readonly string[] {
  const isUser = purpose.kind === 'user';
  const systemctl = isUser ? 'systemctl --user' : 'systemctl';
  const config = isUser ? `${purpose.configHome}/tokenward/config.yaml` : '/etc/tokenward/config.yaml';
  const isUpdate = done.some(
    ({ what, subject }) => what === 'replaced' && /\.(service|socket)$/.test(subject),
  );
  if (isUpdate) return ['next:', `  ${systemctl} restart tokenward.service`];
  const flags = isUser ? ` --config ${config}` : '';
  return [
    'next:',
    `  edit ${config}, and look at it: tokenward check${flags}`,
    `  ${systemctl} enable --now tokenward.socket tokenward.service`,
    `  tokenward enroll web-01 --admin-token-file FILE${flags}`,
    `  ${systemctl} status tokenward`,
    ...(isUser ? [] : ['who may ask for tokens: usermod -aG tokenward-clients fluent-bit']),
    ...(isUser ? [] : [`examples of drop-ins: ${examples}`]),
  ];
}

function afterUninstall(purpose: Purpose, done: readonly Done[]): readonly string[] {
  const kept = done.filter(({ what }) => what === 'kept').map(({ subject }) => subject);
  if (purpose.kind === 'user')
    return [
      'the state stays, in the state_dir of the configuration; remove it where its secrets are of no use any more',
      ...keptLines(kept),
    ];
  const hasUser = !done.some(({ what, subject }) => what === 'ran' && subject === 'userdel tokenward');
  return [
    ...(hasUser
      ? [
          'the state and its user stay; where its secrets are of no use any more:',
          '  rm -r /var/lib/tokenward /var/lib/tokenward-keyring; userdel tokenward; groupdel tokenward-clients',
        ]
      : ['nothing is left']),
    ...keptLines(kept),
  ];
}

function keptLines(kept: readonly string[]): readonly string[] {
  return kept.length === 0 ? [] : [`kept: ${kept.join(', ')}`];
}
