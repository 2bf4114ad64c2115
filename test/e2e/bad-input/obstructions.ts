import { createAuthority, issueLeaf, type Leaf } from '../../../src/emulator/certificates.ts';
import type { Fault } from '../../../src/emulator/faults.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../../src/emulator/start-emulator.ts';
import type { Told } from './told.ts';

/** What may stand between a daemon and its server, each at the address where the good server was a moment ago. */
export interface Obstruction extends Told {
  readonly title: string;
  /** Also the name of its agents. */
  readonly name: string;
  /** Comes in the way of the server, which forgets nothing; resolves to what ends it. */
  readonly obstruct: (server: Emulator) => Promise<Clear>;
}

/** Ends an obstruction, and resolves to how many requests an impostor was sent meanwhile. */
type Clear = () => Promise<number>;

const dayMs = 86_400_000;
const now = Date.now();
const today = { from: new Date(now - dayMs), to: new Date(now + dayMs) };
const lastWeek = { from: new Date(now - 9 * dayMs), to: new Date(now - 2 * dayMs) };

/** Trusted by the agents. */
export const authority = createAuthority('tokenward tests', today);
const stranger = createAuthority('a stranger', today);

export function serverLeaf(
  options: { by?: typeof authority; validity?: typeof today; host?: string } = {},
): Leaf {
  const { by = authority, validity = today, host = '127.0.0.1' } = options;
  return issueLeaf(by, { commonName: 'log server', usage: 'server', validity, hosts: [host] });
}

/** The server goes away, and something else listens at its port. */
function replacedBy(options: Partial<EmulatorOptions>): Obstruction['obstruct'] {
  return async (server) => {
    await server.pause();
    const impostor = await startEmulator({ adminToken: 'nobody', port: server.port, ...options });
    return async () => {
      const requests = Object.values(impostor.state().requests).reduce((sum, { total }) => sum + total, 0);
      await impostor.close();
      await server.resume();
      return requests;
    };
  };
}

/** Something before the server answers in its place, for every exchange. */
function answered(fault: Fault): Obstruction['obstruct'] {
  return async (server) => {
    server.addFault({ ...fault, endpoint: 'exchange', count: 'until-cleared' });
    return async () => {
      server.clearFaults();
      return 0;
    };
  };
}

async function gone(server: Emulator): Promise<Clear> {
  await server.pause();
  return async () => {
    await server.resume();
    return 0;
  };
}

const unreachable = { code: 'SERVER_UNREACHABLE', exitCode: 69 } as const;
const tlsFailed = { code: 'SERVER_TLS_FAILED', exitCode: 69 } as const;
const misconfigured = { code: 'SERVER_MISCONFIGURED', exitCode: 69 } as const;
const inDoubt = { code: 'IN_DOUBT', exitCode: 75 } as const;

export const obstructions: readonly Obstruction[] = [
  {
    title: 'nobody listens',
    name: 'down',
    ...unreachable,
    says: ['refused the connection', 'is it up, and is the port in url right?'],
    obstruct: gone,
  },
  {
    title: 'a certificate of a CA that is not trusted',
    name: 'ca',
    ...tlsFailed,
    says: ['not signed by the CA in tls.ca_file', "put the CA's certificate there"],
    obstruct: replacedBy({ tls: serverLeaf({ by: stranger }) }),
  },
  {
    title: 'an expired certificate',
    name: 'expired',
    ...tlsFailed,
    says: [`expired on ${lastWeek.to.toISOString().slice(0, 10)}`, 'renew it on the server'],
    obstruct: replacedBy({ tls: serverLeaf({ validity: lastWeek }) }),
  },
  {
    title: 'a certificate for another host',
    name: 'host',
    ...tlsFailed,
    says: ['is for logs.example.com, not 127.0.0.1', 'set tls.server_name'],
    obstruct: replacedBy({ tls: serverLeaf({ host: 'logs.example.com' }) }),
  },
  {
    title: 'a client certificate is demanded',
    name: 'client',
    ...tlsFailed,
    says: ['client certificate', 'tls.cert_file and tls.key_file'],
    obstruct: replacedBy({ tls: serverLeaf(), clientCa: stranger.cert }),
  },
  {
    title: 'a server that does not speak TLS',
    name: 'plain',
    ...tlsFailed,
    says: ['does not speak TLS', 'name its HTTPS port'],
    obstruct: replacedBy({}),
  },
  {
    title: '404',
    name: 'missing',
    ...misconfigured,
    says: ['404', 'no such API at this address', 'check url'],
    obstruct: answered({ kind: 'status', status: 404, body: 'empty' }),
  },
  {
    title: 'a redirect',
    name: 'redirect',
    ...misconfigured,
    says: ['redirect (302) to https://elsewhere.example.com', 'set url to the final address'],
    obstruct: answered({ kind: 'redirect', location: 'https://elsewhere.example.com/login' }),
  },
  {
    title: 'an HTML page with status 200',
    name: 'html',
    ...inDoubt,
    says: ['holds no access_token and new_secret', 'answered 200', 'url is not the address'],
    obstruct: answered({ kind: 'status', status: 200, body: 'html' }),
  },
  {
    title: "a firewall's block page with status 403",
    name: 'firewall',
    ...inDoubt,
    says: ['not one of the API', 'answered 403', 'a firewall'],
    obstruct: answered({ kind: 'status', status: 403, body: 'firewall' }),
  },
];
