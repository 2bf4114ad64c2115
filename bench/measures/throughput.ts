import { hasPart, installCommand, type PartName } from '../../test/support/part-list.ts';
import { type Daemon, startDaemon, tokenPath } from '../daemon.ts';
import { install } from '../installation.ts';
import { connections, requestsPerSecond } from '../load.ts';
import { createLocalClient } from '../local-request.ts';
import { startNginx } from '../nginx.ts';
import type { Result } from '../result.ts';
import type { Site } from '../site.ts';
import { median } from '../statistics.ts';

/** The budget: requests a second as a share of nginx's. */
const leastRatio = 0.85;

const needed: readonly PartName[] = ['nginx-light', 'nghttp2-client'];
const ratioName = 'requests over the socket, to nginx';

interface ThroughputOptions {
  readonly rounds: number;
  readonly secondsPerRound: number;
}

/** The token over the socket, and nginx with a file of the same size, in turns: both meet the same machine. */
export async function measureThroughput(
  site: Site,
  { rounds, secondsPerRound }: ThroughputOptions,
): Promise<readonly Result[]> {
  const missing = needed.filter((name) => !hasPart(name));
  if (missing.length > 0) {
    const note = `to have it: ${installCommand(missing)}`;
    return [{ name: ratioName, value: null, unit: 'ratio', budget: { least: leastRatio }, note }];
  }
  await using daemon = await startDaemon(await install(site));
  const answer = await tokenAnswer(daemon);
  await using nginx = await startNginx(site, answer);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await requestsPerSecond({ ...daemon, path: tokenPath }, secondsPerRound));
    theirs.push(await requestsPerSecond(nginx, secondsPerRound));
  }
  const note = `${rounds} rounds of ${secondsPerRound} s each, ${connections} connections, ${answer.length} bytes`;
  return [
    {
      name: ratioName,
      value: median(ours) / median(theirs),
      unit: 'ratio',
      budget: { least: leastRatio },
      note,
    },
    { name: '  tokenward', value: median(ours), unit: 'requests/s', note: 'median' },
    { name: '  nginx', value: median(theirs), unit: 'requests/s', note: 'median' },
  ];
}

async function tokenAnswer({ socketPath }: Daemon): Promise<Buffer> {
  using client = createLocalClient(socketPath);
  return (await client.send('GET', tokenPath)).body;
}
