import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { dashboard } from '../../scripts/dashboard/dashboard.ts';
import { describePart } from '../support/parts.ts';
import {
  committedDashboard,
  type Panel,
  panelQueries,
  variableQueries,
} from '../support/prometheus/dashboard-file.ts';

const committed = committedDashboard();
const { panels } = committed;
const graphs = panels.filter(({ type }) => type !== 'row');
const chosen = { type: 'prometheus', uid: '${datasource}' };

function overlap(one: Panel['gridPos'], other: Panel['gridPos']): boolean {
  const beside = one.x + one.w <= other.x || other.x + other.w <= one.x;
  const below = one.y + one.h <= other.y || other.y + other.h <= one.y;
  return !beside && !below;
}

describe('the dashboard', () => {
  it('is what scripts/dashboard makes', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(dashboard())));
  });

  it('can be imported: a name, a version of the model, and variables for its data', () => {
    expect(committed).toMatchObject({ uid: 'tokenward', title: 'tokenward', schemaVersion: 39 });
    const variables = committed.templating.list.map(({ name, type }) => `${name} ${type}`);
    expect(variables).toEqual(['datasource datasource', 'job query', 'instance query', 'agent query']);
    // an exported dashboard of one installation has none of its own sources in it
    expect(JSON.stringify(committed)).not.toMatch(/"uid":"(?!\$\{datasource\}|tokenward")/);
  });

  it('has no two panels with one id, and none that covers another', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const covered = panels.filter((one) =>
      panels.some((other) => other !== one && overlap(one.gridPos, other.gridPos)),
    );
    expect(covered).toEqual([]);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)).toEqual([]);
  });

  it.each(graphs)('says what it shows: $title', (panel) => {
    expect(panel.title).toMatch(/^[A-Z]/);
    expect(panel.description).toMatch(/\.$/);
    expect(panel.fieldConfig?.defaults.unit).toMatch(/^[a-z]+$/);
    expect(panel.datasource).toEqual(chosen);
    const targets = panel.targets ?? [];
    expect(targets.length).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    for (const target of targets) {
      expect(target.datasource).toEqual(chosen);
      // every selector heeds the choice at the top
      const selectors = target.expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      for (const selector of selectors) expect(selector).toMatch(/^\{job=~"\$job",instance=~"\$instance"/);
    }
  });

  it('stands in rows with names of their own', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows[0]).toBe('At a glance');
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describePart(['prometheus'], 'the queries of the dashboard', () => {
  it('are PromQL in the eyes of Prometheus itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-queries-'));
    const file = join(folder, 'rules.json');
    const queries = [...panelQueries(committed), ...variableQueries(committed)];
    const rules = queries.map((expr, index) => ({ record: `query:number:${index}`, expr }));
    // JSON is YAML
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { stdout } = await promisify(execFile)('promtool', ['check', 'rules', file]);
    await rm(folder, { recursive: true });
    expect(stdout).toContain(`SUCCESS: ${queries.length} rules found`);
  });
});
