import { defineConfig } from 'oxlint';
import { layerOverrides } from './scripts/lint/layer-rules.ts';

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['dist', 'coverage'],
  env: { builtin: true, node: true },
  rules: {
    // Off, with reasons: tsc holds complete returns, and the rule misreads an exhaustive switch.
    'typescript/consistent-return': 'off',
    // A runtime check narrows what the compiler cannot follow; `any`, which hides such places, is an error below.
    'typescript/no-unsafe-type-assertion': 'off',

    eqeqeq: ['error', 'always', { null: 'ignore' }],
    // Node has no public way to a socket's file descriptor, which the kernel wants for the peer's credentials.
    'no-underscore-dangle': ['error', { allow: ['_handle'] }],
    'prefer-const': 'error',
    'no-var': 'error',
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
    'max-lines': ['error', { max: 250 }],
    'max-lines-per-function': ['error', { max: 60 }],
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-namespace': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/return-await': ['error', 'in-try-catch'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'oxc/no-barrel-file': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/no-abusive-eslint-disable': 'error',
    'unicorn/prefer-node-protocol': 'error',
  },
  overrides: [
    { files: ['src/**/*.ts'], rules: { 'no-console': 'error' } },
    { files: ['src/cli/**/*.ts', 'src/emulator/**/*.ts'], rules: { 'no-console': 'off' } },
    ...layerOverrides(),
    {
      files: ['test/**/*.ts'],
      plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
      rules: {
        'max-lines-per-function': 'off',
        // `fc.assert` is how fast-check is written.
        'import/no-named-as-default-member': 'off',
        'vitest/no-restricted-vi-methods': [
          'error',
          { mock: 'use a fake', doMock: 'use a fake', spyOn: 'use a fake' },
        ],
      },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
