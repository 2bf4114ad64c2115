/**
 * The texts in something that is, or once was, JSON: with whatever around it, in whatever nesting, and cut off anywhere. A text
 * counts only with its closing quote, so that half a credential is never taken for a whole one.
 */

export interface LooseText {
  /** Names of the members on the way to it, the outermost first; items of a list have the name of the list. */
  readonly path: readonly string[];
  readonly text: string;
}

/** A text in a text is looked into, as deep as this. */
const maxNesting = 3;

/** A quoted text, closed or up to the end, with what makes it a member's name; or a bracket. */
const tokens = /"([^"\\]*(?:\\.[^"\\]*)*)("?)(\s*:)?|[{}[\]]/gsu;

export function looseTexts(content: string, nesting = maxNesting): readonly LooseText[] {
  const found: LooseText[] = [];
  const path: (string | null)[] = [];
  let name: string | null = null;
  for (const [token, quoted, end, colon] of content.matchAll(tokens)) {
    if (quoted === undefined) {
      if (token === '}' || token === ']') name = path.pop() ?? null;
      else {
        path.push(name);
        name = null;
      }
      continue;
    }
    if (end === '') break;
    const text = unquoted(quoted);
    if (colon !== undefined) name = text;
    else if (text !== null) {
      const names = [...path, name].filter((each) => each !== null);
      found.push({ path: names, text }, ...within(text, names, nesting));
    }
  }
  return found;
}

function within(text: string, path: readonly string[], nesting: number): readonly LooseText[] {
  if (nesting === 0 || !/^\s*[{[]/.test(text)) return [];
  return looseTexts(text, nesting - 1).map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
}

/** null where its escapes are not those of JSON. */
function unquoted(quoted: string): string | null {
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return null; // whatever it is, it is no text of a server that speaks JSON
  }
}
