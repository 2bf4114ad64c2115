/** SVG as text: just what the pictures need. */

export type Attributes = Readonly<Record<string, string | number>>;

/** An element; the children are markup. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? rounded(value) : value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${children.join('')}</${name}>`;
}

/** A line of words at a point; `kind` is its class in the style. */
export function words(x: number, y: number, kind: string, content: string, more: Attributes = {}): string {
  return element('text', { x, y, class: kind, ...more }, escaped(content));
}

export function box(
  [x, y, width, height]: readonly [x: number, y: number, width: number, height: number],
  kind: string,
  more: Attributes = {},
): string {
  return element('rect', { x, y, width, height, class: kind, ...more });
}

export function line(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  kind: string,
  more: Attributes = {},
): string {
  return element('line', { x1, y1, x2, y2, class: kind, ...more });
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** What a reader is told who cannot see it. */
  readonly title: string;
  readonly description: string;
  /** CSS. */
  readonly style: string;
  /** Markup, one element a line, so that a change of the picture is a change of lines. */
  readonly body: readonly string[];
}

/** A whole file. */
export function svg({ width, height, title, description, style, body }: Picture): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`;
  const head = [
    element('title', { id: 'title' }, escaped(title)),
    element('desc', { id: 'desc' }, escaped(description)),
    element('style', {}, style),
  ];
  return `${[open, ...head, ...body, '</svg>'].join('\n')}\n`;
}

export function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
