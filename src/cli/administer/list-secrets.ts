import type { AgentConfig } from '../../config/config.ts';
import type { AgentSecretEntry } from '../../operator/administration.ts';
import { print, printJson, remark } from '../output.ts';
import type { Program } from '../program.ts';
import { timeOf } from '../server-time.ts';
import { momentText, plain, viewOfOutput, type View } from '../status/words.ts';
import { tableLines, type Column } from '../table.ts';
import { printable } from '../wrap-words.ts';
import { administrator } from './administrator.ts';

export async function showSecrets(
  agent: AgentConfig,
  { adminTokenFile, json }: { readonly adminTokenFile?: string | undefined; readonly json: boolean },
  program: Program,
): Promise<void> {
  const who = await administrator(agent, 'secrets list', adminTokenFile, program);
  const { listSecrets } = await import('../../operator/administer.ts');
  const entries = await listSecrets(who);
  if (json) return printJson({ agent: agent.name, secrets: entries.map(jsonOf) });
  if (entries.length === 0) return remark(`${new URL(agent.url).origin} lists no secret`);
  print(...secretTable(entries, viewOfOutput(program.env)));
}

function jsonOf({ id, name, status, modificationTime }: AgentSecretEntry) {
  const ms = timeOf(modificationTime);
  return { id, name, status, modified_at: ms === null ? null : new Date(ms).toISOString() };
}

function secretTable(entries: readonly AgentSecretEntry[], view: View): readonly string[] {
  const id = column('ID', (entry) => entry.id);
  const name = column('NAME', (entry) => entry.name);
  const status = column('STATUS', (entry) => entry.status);
  const modified = column('MODIFIED', ({ modificationTime }) => {
    const ms = timeOf(modificationTime);
    return ms === null ? null : momentText(new Date(ms).toISOString(), view);
  });
  const { header, rows } = tableLines(
    entries,
    {
      sign: () => plain(view.style.glyphs.idle),
      columnSets: [
        [name, status, modified, id],
        [name, status, modified],
        [name, status],
      ],
      advice: { header: '', text: () => '' },
    },
    view.style,
  );
  return [...header, ...rows.flat()];
}

function column(header: string, text: (entry: AgentSecretEntry) => string | null): Column<AgentSecretEntry> {
  return { header, cell: (entry) => plain(printable(text(entry) ?? '-')) };
}
