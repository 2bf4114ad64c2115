/**
 * `NAME='VALUE'` as a POSIX shell and the EnvironmentFile of systemd read it alike (POSIX.1-2024, Shell Command Language, 2.2;
 * systemd.exec(5)). null for a value that cannot stand on one line of text.
 */
export function envLine(name: string, value: string): string | null {
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) return null;
  return `${name}=${value.includes("'") ? doubleQuoted(value) : `'${value}'`}\n`;
}

/** Nothing can be escaped between single quotes; and systemd, unlike a shell, takes a quote behind plain text for a plain one. */
function doubleQuoted(value: string): string {
  return `"${value.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`;
}
