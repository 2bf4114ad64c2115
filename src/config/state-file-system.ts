import { TokenwardError, type ErrorCode } from '../domain/errors.ts';
import { unfitFileSystem, type FileSystemProbe, type UnfitFileSystem } from '../platform/file-system.ts';
import type { Config } from './config.ts';

/** Whether state may lie where the configuration has it. One answer for `tokenward check` and for every start. */

type Asked = Pick<Config, 'stateDir' | 'allowEphemeral' | 'allowNetworkFilesystem' | 'agents'>;

/** `STATE_DIR_EPHEMERAL` or `STATE_DIR_NETWORK`; null where the file system is fit for it, or allowed all the same. */
export async function stateFileSystemError(
  config: Asked,
  probe?: FileSystemProbe,
): Promise<TokenwardError | null> {
  // memory is forgotten anyway, and what a pod's own volume has is in its Kubernetes Secret as well
  const keepsNothing = config.agents.every(({ secret }) => ['memory', 'kubernetes'].includes(secret.store));
  const unfit = keepsNothing ? null : await unfitFileSystem(config.stateDir, probe);
  if (unfit === null || isAllowed(config, unfit)) return null;
  const { code, consequence, advice } = objections[unfit.trait];
  const message = `${config.stateDir} is on ${unfit.name}, ${consequence}; ${advice}`;
  return new TokenwardError(code, message, { fields: { path: config.stateDir, fileSystem: unfit.name } });
}

function isAllowed({ allowEphemeral, allowNetworkFilesystem }: Asked, { trait }: UnfitFileSystem): boolean {
  return trait === 'ephemeral' ? allowEphemeral : allowNetworkFilesystem;
}

interface Objection {
  readonly code: ErrorCode;
  readonly consequence: string;
  readonly advice: string;
}

const objections: Readonly<Record<UnfitFileSystem['trait'], Objection>> = {
  ephemeral: {
    code: 'STATE_DIR_EPHEMERAL',
    consequence: 'which forgets the secrets at a restart',
    advice:
      'put state_dir on a disk or a persistent volume, or set allow_ephemeral: true and enrol again after each loss',
  },
  network: {
    code: 'STATE_DIR_NETWORK',
    consequence: 'where a lock may not keep out other hosts and a saved secret may not be on a disk yet',
    advice: 'put state_dir on a disk of this host, or take that risk with allow_network_filesystem: true',
  },
};
