import { enumerate, type Report } from '../../test/crash-points/enumerate.ts';
import { scenarios } from '../../test/crash-points/scenarios.ts';
import { crashPointsPicture } from './crash-points-picture.ts';
import { crashScenariosPicture } from './crash-scenarios-picture.ts';
import { phaseDiagram } from './phases.ts';
import { rotationPicture } from './rotation-picture.ts';
import { tracedRotation } from './rotation-trace.ts';

/** Contents by file name. */
export type Drawn = Readonly<Record<string, string>>;

/** The pictures of one rotation. */
export async function drawRotation(): Promise<Drawn> {
  const [scenario] = scenarios.rotation;
  if (scenario === undefined) throw new Error('there is no rotation to draw');
  const report = await enumerate(scenario);
  return {
    'rotation.svg': rotationPicture(await tracedRotation(scenario), report.rows),
    'crash-points.svg': crashPointsPicture(report),
  };
}

/** The picture of every scenario: a minute or two of work. */
export async function drawScenarios(): Promise<Drawn> {
  const groups: Record<string, Report[]> = {};
  for (const [group, members] of Object.entries(scenarios)) {
    const reports: Report[] = [];
    for (const scenario of members) reports.push(await enumerate(scenario));
    groups[group] = reports;
  }
  return { 'crash-scenarios.svg': crashScenariosPicture(groups) };
}

const fence = /(?<=<!-- phases: npm run pictures -->\n```mermaid\n)[^`]*(?=```)/;

/** The page of the rotation with the diagram of the phases in its place. */
export function withPhases(page: string): string {
  if (!fence.test(page)) throw new Error('the page has no place for the phases');
  return page.replace(fence, `${phaseDiagram()}\n`);
}
