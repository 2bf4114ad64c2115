import { alertCatalogue } from '../../src/domain/alert-catalogue.ts';
import type { CatalogueEntry } from '../../src/domain/file-alerts.ts';

/** `docs/runbooks.md`, made from the catalogue of alerts. */
export function runbooksPage(): string {
  const sections = Object.entries<CatalogueEntry>(alertCatalogue).map(section);
  return [`${head}\n`, ...sections].join('\n');
}

const head = `<!-- made by \`npm run published\` from src/domain/alert-catalogue.ts -->

# Runbooks

A heading for each alert: how bad it is, what it means, and what to do. The alert itself says what happened to whom; notices
that go out carry a link to the heading. How they go out is in [alerts.md](alerts.md); what the codes mean elsewhere, in commands
and answers, is in [errors.md](errors.md). AGENT is the name of the agent, which the alert says.

critical: somebody is needed now. warning: somebody should look today.`;

function section([code, { severities, summary, meaning, steps }]: [string, CatalogueEntry]): string {
  const list = steps.map((step, index) => `${index + 1}. ${step}`);
  return [`## ${code}`, `*${severities.join(' or ')}*: ${summary}.`, '', meaning, '', ...list, ''].join('\n');
}
