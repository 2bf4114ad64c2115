type Named = readonly (readonly [name: string, meaning: string])[];

/** Variables that a user sets. */
export const environmentVariables: Named = [
  ['TOKENWARD_CONFIG', 'the configuration file, where --config names none'],
  ['TOKENWARD_DEBUG', '1: a command that fails also prints where in the program it failed'],
  ['NO_COLOR', 'not empty: no colours on a terminal'],
  ['HTTPS_PROXY, NO_PROXY', 'the way to the servers, also in lower case'],
];

export const files: Named = [
  ['/etc/tokenward/config.yaml', 'the configuration'],
  ['/var/lib/tokenward', 'the sealed state, where state_dir names it'],
];

/** Ends the help page of the whole program. */
export const environmentHelp = [
  'Environment:',
  ...environmentVariables.map(([name, meaning]) => `  ${name.padEnd(21)}  ${meaning}`),
].join('\n');
