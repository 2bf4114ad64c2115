/** What a command is given of the process that it runs in. */
export interface Program {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** How to start the process that speaks with the keychain. */
  readonly keychainProgram: { readonly execPath: string; readonly script: string };
  /** Path of the OpenAPI document that `GET /v1/openapi.json` answers with. */
  readonly descriptionFile: string;
  /** Path of the file that was started. */
  readonly script: string;
  /** Path of the folder with the units for systemd. */
  readonly unitFolder: string;
}

/** The configuration file where `--config` names none. */
export function defaultConfigPath(env: NodeJS.ProcessEnv): string {
  return env['TOKENWARD_CONFIG'] || '/etc/tokenward/config.yaml';
}
