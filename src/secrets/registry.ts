import { type KubernetesConfig, openKubernetes } from '../platform/kubernetes/open-object.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { SecretStore } from '../ports/secret-store.ts';
import { CallLine } from './call-line.ts';
import { FileSlots } from './file-slots.ts';
import { KeyCredential } from './key-credential.ts';
import { KeyFile } from './key-file.ts';
import type { KeySource } from './key-source.ts';
import { askKeychain, type KeychainProgram } from './keychain-process.ts';
import { type AskKeychain, KeychainSlots } from './keychain-slots.ts';
import { KubernetesSlots, type KubernetesSlotsOptions } from './kubernetes-slots.ts';
import { MemorySecretStore } from './memory-secret-store.ts';
import { SealedSecretStore } from './sealed-secret-store.ts';

/** Which store an agent has, as its configuration says. */
export type SecretStoreConfig =
  | { readonly store: 'keychain'; readonly deadlineMs: number }
  | { readonly store: 'file'; readonly key: KeyConfig }
  | ({ readonly store: 'kubernetes' } & KubernetesConfig)
  | { readonly store: 'memory' };

/** Where the wrapping key of a file store comes from. */
export type KeyConfig =
  | { readonly kind: 'key-file'; readonly path: string }
  | { readonly kind: 'credential'; readonly name: string };

/** What all stores of a process have in common. */
export interface SecretStoreDeps {
  /** Of this process. */
  readonly uid: number;
  /** Of this process; it tells where systemd put its credentials, and where D-Bus is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly keychainProgram: KeychainProgram;
  readonly disk: Disk;
  readonly random: Random;
  readonly clock: Clock;
}

export interface AgentPlace {
  readonly agent: string;
  /** The agent's own folder in the state folder; absolute. */
  readonly folder: string;
}

export type OpenSecretStore = (config: SecretStoreConfig, place: AgentPlace) => SecretStore;

type KeySourceDeps = Pick<SecretStoreDeps, 'uid' | 'env' | 'disk' | 'random'>;

/**
 * Called once in a process, so that all its agents wait for the keychain in one line: on a locked keyring each call makes
 * gnome-keyring prompt, and two prompts at once can leave it (42.1 at least) unable to answer until it is restarted.
 */
export function secretStoreOpener(deps: SecretStoreDeps): OpenSecretStore {
  const line = new CallLine();
  return (config, { agent, folder }) => {
    if (config.store === 'memory') return new MemorySecretStore(folder, deps.random);
    if (config.store === 'kubernetes') {
      const { object } = openKubernetes(config, { ...deps, writer: agent });
      return kubernetesStore(agent, { object, keepAside: async () => folder }, deps.random);
    }
    const slots =
      config.store === 'file'
        ? new FileSlots({ ...deps, folder, keySource: keySource(config.key, deps) })
        : new KeychainSlots({ agent, uid: deps.uid, ask: keychainAsker(deps, config.deadlineMs, line) });
    return new SealedSecretStore(agent, slots, deps.random);
  };
}

/** Around an object that others may use as well. */
export function kubernetesStore(agent: string, options: KubernetesSlotsOptions, random: Random): SecretStore {
  return new SealedSecretStore(agent, new KubernetesSlots(options), random);
}

/** Takes everything of an agent out of the keychain. There is no way back. */
export async function forgetInKeychain(
  deps: SecretStoreDeps,
  agent: string,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const ask = keychainAsker(deps, deadlineMs, new CallLine());
  await new KeychainSlots({ agent, uid: deps.uid, ask }).forget(signal);
}

export function keySource(key: KeyConfig, deps: KeySourceDeps): KeySource {
  if (key.kind === 'credential') return new KeyCredential({ ...deps, name: key.name });
  return new KeyFile({ ...deps, path: key.path });
}

function keychainAsker(deps: SecretStoreDeps, deadlineMs: number, line: CallLine): AskKeychain {
  const options = { program: deps.keychainProgram, env: deps.env, clock: deps.clock, deadlineMs };
  return (request, signal) => line.run(() => askKeychain(request, options, signal), signal);
}
