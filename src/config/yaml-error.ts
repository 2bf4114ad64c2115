import type { YAMLError } from 'yaml';

const wordings: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_DIRECTIVE: 'only YAML 1.2 without directives is read here',
  BAD_DQ_ESCAPE: 'no such escape (\\) within double quotes; single quotes take everything as it is',
  BLOCK_AS_IMPLICIT_KEY: 'a value with ": " in it needs quotes; a key of its own needs a line of its own',
  DUPLICATE_KEY: 'this key stands here for the second time',
  MULTILINE_IMPLICIT_KEY:
    'a key is one line and followed by ": "; is a colon missing, or the space after it?',
  MULTIPLE_DOCS: 'a second document begins here; the configuration is one document',
  NON_STRING_KEY: 'a key must be text',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'a tab does not indent in YAML; use spaces',
  TAG_RESOLVE_FAILED: 'tags such as !name are not supported; a value that begins with ! needs quotes',
  UNEXPECTED_TOKEN: 'this does not belong here; check the indentation and the quotes',
};

/** The errors that a user should see: one syntax error makes the parser stumble over what follows, repeated keys do not. */
export function worthTelling(errors: readonly YAMLError[]): readonly YAMLError[] {
  return errors.filter(({ code }, index) => index === 0 || code === 'DUPLICATE_KEY');
}

/** The library's error in our words. `text` is the document, for the one trap that only a look at it tells. */
export function wordingOf(error: YAMLError, text: string): string {
  const [offset] = error.pos;
  if (error.code === 'UNEXPECTED_TOKEN' && text.slice(offset - 1, offset + 1) === '${')
    return 'a value with ${...} within { } or [ ] needs quotes';
  const { message } = error;
  const [, open, close] = /^Flow (sequence|map) .*end with a ([\]}])$/.exec(message) ?? [];
  if (open !== undefined)
    return `not valid YAML: the ${open === 'map' ? '{' : '['} before this is not closed by ${close}, or its lines are not indented`;
  return `not valid YAML: ${wordings[error.code] ?? message.charAt(0).toLowerCase() + message.slice(1)}`;
}
