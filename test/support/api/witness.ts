import type { Exchange } from './exchange.ts';

/**
 * Every answer of the local API that the tests of this process have received. What receives answers notes them here; after
 * each test (`after-each.ts`) they are held to the OpenAPI document.
 */
const sources: Source[] = [];
const met = new Set<string>();

/** Tells what has come so far: a body may still be growing. */
type Source = () => readonly Exchange[];

export function noteAnswer(exchange: Exchange): void {
  sources.push(() => [exchange]);
}

/** Asked once, when the test is over. */
export function noteSource(source: Source): void {
  sources.push(source);
}

/** Operations, statuses and media types that were met by an answer as described, since this process began. */
export function metSoFar(): ReadonlySet<string> {
  return met;
}

/** Judges what has come; throws where an answer is not as described. */
export async function judgeAnswers(): Promise<void> {
  if (sources.length === 0) return;
  // Most tests never ask the API: the judge and its validator are loaded for those that do.
  const { judge } = await import('./judge.ts');
  const answers = sources.splice(0).flatMap((source) => source());
  const wrong = answers.flatMap((answer) => {
    const { complaints, met: what } = judge(answer);
    if (complaints.length === 0 && what !== null) met.add(what);
    return complaints.length === 0 ? [] : [[`${describe(answer)}:`, ...complaints].join('\n  ')];
  });
  if (wrong.length > 0) throw new Error(`not as openapi.json describes it:\n${wrong.join('\n')}`);
}

/** Without the body, which may hold a token. */
function describe({ method, target, status }: Exchange): string {
  return `${method} ${target ?? '(no request)'} answered ${status}`;
}
