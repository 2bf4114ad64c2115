/** What other tools call what we have: nearer to the user's mind than the command of nearly that spelling. */
const synonyms: Readonly<Record<string, string>> = {
  start: 'run',
  serve: 'run',
  daemon: 'run',
  server: 'run',
  validate: 'check',
  verify: 'check',
  test: 'check',
  lint: 'check',
  register: 'enroll',
  enrol: 'enroll',
  login: 'enroll',
  create: 'enroll',
  add: 'import',
  list: 'status',
  ls: 'status',
  ps: 'status',
  info: 'status',
  show: 'status',
  get: 'token',
  rotate: 'refresh',
  renew: 'refresh',
  exchange: 'refresh',
  repair: 'recover',
  reset: 'recover',
};

/** The command that somebody most likely means by this word; null where nobody can tell. */
export function commandMeantBy(word: string): string | null {
  return Object.hasOwn(synonyms, word) ? (synonyms[word] ?? null) : null;
}
