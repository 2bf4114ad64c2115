import type { AgentSite } from './agent-detail.ts';
import type { StatusAnswer, StatusQuestion } from './ask.ts';
import { type Page, statusPage } from './page.ts';
import { remainsPage } from './remains-page.ts';
import type { View } from './words.ts';

/** The page of an answer, whoever gave it. `since`: the first time that no daemon answered. */
export function pageOf(
  answer: StatusAnswer,
  { agent, config }: Pick<StatusQuestion, 'agent' | 'config'>,
  view: View & { readonly since: Date | null },
): Page {
  const named = agent !== null;
  if (answer.kind === 'remains') return remainsPage(answer.agents, { ...view, named });
  return statusPage(answer.statuses, { ...view, named, siteOf: (name) => siteIn(config, name) });
}

function siteIn(config: StatusQuestion['config'], name: string): AgentSite | null {
  const agent = config?.agents.find((each) => each.name === name);
  return agent === undefined ? null : { url: agent.url, files: agent.files.map(({ path }) => path) };
}
