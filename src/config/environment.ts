/** Values of the environment as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Expansion = { readonly text: string } | { readonly problem: string };

const whereToSet =
  'set it where tokenward is started (Environment= in a systemd unit), or write the value itself here';

/**
 * Puts environment variables into a value: `${NAME}` becomes the variable, `$${` a plain `${`. What comes from a variable is
 * not expanded again. Names are shown in problems, values never.
 */
export function expand(text: string, env: Environment): Expansion {
  const problems: string[] = [];
  const expanded = text.replaceAll(
    /\$\$\{|\$\{([^}]*)(\}?)/g,
    (whole, name: string | undefined, end: string) => {
      if (name === undefined) return '${';
      const value = env[name];
      if (end === '') problems.push('"${" without its "}"; write "$${" for a plain "${"');
      else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        problems.push('expected the name of an environment variable between "${" and "}"');
      else if (value === undefined) problems.push(`environment variable ${name} is not set; ${whereToSet}`);
      return value ?? whole;
    },
  );
  const [problem] = problems;
  return problem === undefined ? { text: expanded } : { problem };
}
