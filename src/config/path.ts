/** A step into the configuration: a key of a mapping or an index of a list. */
export type Key = string | number;

/** `listeners[0].allow[1].may`. Keys of unusual characters stand in quotes, and are printable in any case. */
export function formatPath(path: readonly Key[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${shown(key)}`))
    .join('');
}

function shown(key: string): string {
  if (/^[!-~]+$/.test(key)) return key;
  return JSON.stringify(key).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
