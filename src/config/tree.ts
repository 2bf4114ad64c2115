import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Key } from './path.ts';

/** Finding one's way in the parsed YAML tree. Offsets are characters from the start of the text. */

export type YamlTree = Document.Parsed;

export interface Place {
  readonly path: readonly Key[];
  /** Of the key, or of the value where it is an item of a list. */
  readonly offset: number;
  readonly node: ParsedNode | null;
}

/** Every value in the tree, after the one that it is in. What an alias stands for is met at its anchor only. */
export function* placesIn(tree: YamlTree): Generator<Place> {
  const waiting: Place[] = [{ path: [], offset: 0, node: tree.contents }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    yield place;
    for (const { key, offset, node } of childrenOf(place.node)) {
      waiting.push({ path: [...place.path, key], offset, node });
    }
  }
}

/** Where the value of a path stands, or its key. Where the path leads nowhere (a missing key), that is the last key on the way. */
export function offsetOf(tree: YamlTree, path: readonly Key[], at: 'key' | 'value'): number {
  let place: Omit<Place, 'path'> = { offset: 0, node: tree.contents };
  for (const step of path) {
    const child = childrenOf(resolved(tree, place.node)).find(({ key }) => key === step);
    if (child === undefined) return place.offset;
    place = child;
  }
  return at === 'key' ? place.offset : (place.node?.range[0] ?? place.offset);
}

/** Whether an anchor stands before the alias that names it. */
export function isResolvable(tree: YamlTree, alias: Alias): boolean {
  return alias.resolve(tree) !== undefined;
}

interface Child extends Omit<Place, 'path'> {
  readonly key: Key;
}

function childrenOf(node: ParsedNode | null): Child[] {
  if (isSeq(node)) {
    const items = node.items as (ParsedNode | null)[];
    return items.map((item, key) => ({ key, offset: item?.range[0] ?? node.range[0], node: item }));
  }
  if (!isMap(node)) return [];
  return node.items.map(({ key, value }) => ({
    key: isScalar(key) ? String(key.value) : '',
    offset: key.range[0],
    node: value,
  }));
}

function resolved(tree: YamlTree, node: ParsedNode | null): ParsedNode | null {
  return isAlias(node) ? ((node.resolve(tree) ?? null) as ParsedNode | null) : node;
}
