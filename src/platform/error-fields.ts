import { TokenwardError } from '../domain/errors.ts';

/** An error as plain data for a log line: its code, its sentence, and where it came from. The stack only where asked for. */
export interface ErrorFields {
  readonly code?: string;
  readonly message: string;
  readonly fields?: TokenwardError['fields'];
  readonly cause?: ErrorFields;
  readonly stack?: readonly string[];
}

/** How deep a chain of causes is told. */
const MAX_DEPTH = 4;

export function describeError(error: unknown, withStack: boolean, depth = 0): ErrorFields {
  if (!(error instanceof Error))
    return { message: typeof error === 'string' ? error : `not an error but ${typeof error}` };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const hasCause = error.cause !== undefined && depth < MAX_DEPTH;
  return {
    ...(code === undefined ? {} : { code }),
    message: safeMessage(error),
    ...(error instanceof TokenwardError && Object.keys(error.fields).length > 0
      ? { fields: error.fields }
      : {}),
    ...(hasCause ? { cause: describeError(error.cause, withStack, depth + 1) } : {}),
    ...(withStack ? { stack: frames(error) } : {}),
  };
}

/** `JSON.parse` quotes what it was given, and that may be a server's answer with a secret in it. */
function safeMessage(error: Error): string {
  return error instanceof SyntaxError ? 'syntax error (the text is not shown)' : error.message;
}

/** Without the first lines, which repeat the message. */
function frames(error: Error): readonly string[] {
  return (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
