import { Installation, uniqueName, type InstallationOptions } from './installation.ts';
import { TestKeyring, type KeyringOptions } from './keyring.ts';

/** An installation whose secret is in a keyring of its own. */
export interface KeychainSite extends AsyncDisposable {
  readonly site: Installation;
  readonly keyring: TestKeyring;
}

export async function createKeychainSite(
  { config, ...options }: InstallationOptions = {},
  keyringOptions: KeyringOptions = {},
): Promise<KeychainSite> {
  await using making = new AsyncDisposableStack();
  const keyring = making.use(await TestKeyring.start(keyringOptions));
  const site = making.use(
    await Installation.create({
      agent: uniqueName('kept'),
      env: keyring.env,
      ...options,
      // less than a test waits for, and more than a call takes on a busy machine
      config: { ...config, agent: { secret: { store: 'keychain', deadline: '2s' }, ...config?.agent } },
    }),
  );
  const made = making.move();
  return { site, keyring, [Symbol.asyncDispose]: () => made.disposeAsync() };
}
