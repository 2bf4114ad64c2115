import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** What a query asks for, read from Prometheus' own grammar. */
export interface QueryParts {
  /** Each selector: a metric and the labels by which it is narrowed down. */
  readonly selectors: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** Labels by which is grouped or matched. */
  readonly groupings: readonly string[];
}

/** Throws where the text is no PromQL. Grafana's own variables must be replaced before. */
export function partsOf(query: string): QueryParts {
  const selectors: { name: string; labels: string[] }[] = [];
  const groupings: string[] = [];
  const text = ({ from, to }: { from: number; to: number }) => query.slice(from, to);
  parser.parse(query).iterate({
    enter(reference) {
      const { node } = reference;
      if (node.type.isError) throw new Error(`no PromQL at "${query.slice(node.from)}": ${query}`);
      if (node.name === 'VectorSelector') selectors.push({ name: nameOf(node, text), labels: [] });
      if (node.name !== 'LabelName') return;
      if (node.parent?.name === 'GroupingLabels') groupings.push(text(node));
      else selectors.at(-1)?.labels.push(text(node));
    },
  });
  return { selectors, groupings };
}

function nameOf(selector: SyntaxNode, text: (node: SyntaxNode) => string): string {
  const name = selector.getChild('Identifier');
  if (name === null) throw new Error(`a selector without a name: ${text(selector)}`);
  return text(name);
}

/** Labels that Prometheus itself gives to every series that it scrapes. */
const targetLabels = ['job', 'instance'];

/**
 * What is wrong with a query, in words: metrics that nobody exports, and labels that they have not. `known`: the labels of each
 * name, without those of the target.
 */
export function complaintsAbout(
  query: string,
  known: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const { selectors, groupings } = partsOf(query);
  const complaints: string[] = [];
  const grouped = new Set(targetLabels);
  for (const { name, labels } of selectors) {
    const exported = known.get(name);
    if (exported === undefined) complaints.push(`nobody exports ${name}: ${query}`);
    for (const label of exported ?? []) grouped.add(label);
    const strange = labels.filter((label) => exported?.has(label) === false && !targetLabels.includes(label));
    complaints.push(...strange.map((label) => `${name} has no label ${label}: ${query}`));
  }
  const strange = groupings.filter((label) => !grouped.has(label));
  return [...complaints, ...strange.map((label) => `nothing here has a label ${label}: ${query}`)];
}
