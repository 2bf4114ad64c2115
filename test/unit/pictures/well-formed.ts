/** What is wrong with a document by the rules of XML, as far as pictures use them; null where nothing is. */
export function xmlFlaw(document: string): string | null {
  const open: string[] = [];
  let at = 0;
  for (const match of document.matchAll(tag)) {
    const flaw = textFlaw(document.slice(at, match.index));
    if (flaw !== null) return flaw;
    at = match.index + match[0].length;
    const { closing, name = '', attributes = '', empty } = match.groups ?? {};
    if (open.length === 0 && at > match[0].length) return `${match[0]} after the end`;
    const names = [...attributes.matchAll(/([\w:-]+)=/g)].map(([, key]) => key);
    if (new Set(names).size < names.length) return `an attribute twice in ${match[0]}`;
    if (closing !== undefined && open.pop() !== name) return `${match[0]} closes what is not open`;
    if (closing === undefined && empty === undefined) open.push(name);
  }
  if (open.length > 0) return `${open.join(', ')} never closed`;
  return document.slice(at).trim() === '' ? null : `text after the end`;
}

const tag =
  /<(?<closing>\/)?(?<name>[a-zA-Z][\w:-]*)(?<attributes>(?:\s+[\w:-]+="[^"<]*")*)\s*(?<empty>\/)?>/g;

function textFlaw(text: string): string | null {
  const stray = /<|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.exec(text);
  if (stray !== null) return `a stray ${stray[0]} in ${text.slice(stray.index, stray.index + 40)}`;
  // what XML 1.0 has no characters for
  // oxlint-disable-next-line no-control-regex -- these are meant
  return /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/.test(text) ? 'a control character' : null;
}
