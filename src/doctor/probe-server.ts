import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { connectFailure } from '../platform/http/connect-failure.ts';
import { createConnection } from '../platform/http/connection.ts';
import { authorityOf, type Endpoint, endpointOf } from '../platform/http/endpoint.ts';
import { type Environment, type Proxy, proxyFor } from '../platform/http/proxy.ts';
import { HandshakeError, openTcp, openTls } from '../platform/http/socket.ts';
import { chainOf } from '../platform/http/tls-failure.ts';
import { readTlsFiles, type TlsSettings } from '../platform/http/tls-files.ts';
import { openTunnel } from '../platform/http/tunnel.ts';
import { clientOver } from '../platform/http/undici-client.ts';
import type { CertificateFacts, ClockFacts, ServerFacts, Step } from './server-facts.ts';

/**
 * Goes the way of an exchange to a server, up to but without the exchange: name, connection, TLS, and one GET of its top page
 * that carries no credential. Each step has the whole `timeoutMs` (milliseconds).
 */

export interface ServerQuestion {
  readonly url: string;
  readonly tls: TlsSettings;
  readonly agents: readonly string[];
  readonly env: Environment;
  readonly timeoutMs: number;
}

type Facts = { -readonly [Name in keyof ServerFacts]: ServerFacts[Name] };

/** Never rejects for what the server or the network does. */
export async function probeServer(question: ServerQuestion): Promise<ServerFacts> {
  const url = new URL(question.url);
  const server = endpointOf(url);
  const facts: Facts = {
    server: authorityOf(server),
    url: question.url,
    agents: question.agents,
    proxy: null,
    name: null,
    connection: null,
    tls: null,
    chain: [],
    clock: null,
  };
  const socket = await connect(question, url, server, facts);
  if (socket === null) return facts;
  try {
    const ready = url.protocol === 'https:' ? await shakeHands(question, server, socket, facts) : socket;
    if (ready !== null) facts.clock = await askClock(question, url, ready);
  } finally {
    socket.destroy();
  }
  return facts;
}

/** A step with its time, or why it failed. */
async function step<Found extends object>(
  { tls, timeoutMs }: ServerQuestion,
  server: Endpoint,
  work: (signal: AbortSignal) => Promise<Found>,
): Promise<Step<Found>> {
  const begin = performance.now();
  try {
    const found = await withinSignal(AbortSignal.timeout(timeoutMs), work);
    return { ...found, ms: performance.now() - begin };
  } catch (error) {
    const { code, reason } = connectFailure(error, { server, tls, connectMs: timeoutMs });
    return { failure: { code, reason } };
  }
}

/** For work that does not heed a signal itself, such as a look-up of a name. */
function withinSignal<Result>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work(signal).then(resolve, reject);
  });
}

async function connect(
  question: ServerQuestion,
  url: URL,
  server: Endpoint,
  facts: Facts,
): Promise<Socket | null> {
  let proxy: Proxy | null = null;
  let socket: Socket | null = null;
  const open = async (signal: AbortSignal) => {
    proxy = proxyFor(url, question.env);
    if (proxy !== null) facts.proxy = authorityOf(proxy.endpoint);
    const timeouts = timeoutsOf(question);
    socket =
      proxy === null ? await openTcp(server, signal) : await openTunnel(proxy, server, timeouts, signal);
    return {};
  };
  if (isIP(server.host) === 0 && !isProxied(url, question.env)) {
    facts.name = await step(question, server, async () => {
      const found = await lookup(server.host, { all: true });
      return { host: server.host, addresses: found.map(({ address }) => address) };
    });
    if ('failure' in facts.name) return null;
  }
  facts.connection = await step(question, server, open);
  return socket;
}

/** A broken HTTPS_PROXY is told by the connection. */
function isProxied(url: URL, env: Environment): boolean {
  try {
    return proxyFor(url, env) !== null;
  } catch {
    return true;
  }
}

async function shakeHands(
  question: ServerQuestion,
  server: Endpoint,
  socket: Socket,
  facts: Facts,
): Promise<TLSSocket | null> {
  const { tls } = question;
  let secured: TLSSocket | null = null;
  facts.tls = await step(question, server, async (signal) => {
    const servername = tls.serverName === undefined ? {} : { servername: tls.serverName };
    try {
      secured = await openTls(socket, server, { ...readTlsFiles(tls), ...servername }, signal);
    } catch (error) {
      // what it showed is worth a look, all the more where it was not good enough
      if (error instanceof HandshakeError) facts.chain = certificatesOf(error.certificate);
      throw error;
    }
    facts.chain = certificatesOf(secured.getPeerCertificate(true));
    return { protocol: secured.getProtocol() ?? 'TLS' };
  });
  return secured;
}

function certificatesOf(certificate: DetailedPeerCertificate | null): readonly CertificateFacts[] {
  return chainOf(certificate)
    .filter(({ valid_to: to }) => Number.isFinite(Date.parse(to)))
    .map(({ subject, issuer, valid_from: from, valid_to: to }) => ({
      subject: nameIn(subject),
      issuer: nameIn(issuer),
      from: new Date(from),
      to: new Date(to),
    }));
}

function nameIn(subject: DetailedPeerCertificate['subject']): string {
  const whole = Object.entries(subject).map(([key, value]) => `${key}=${String(value)}`);
  return [subject.CN ?? whole.join(', ')].flat().join(', ') || 'without a name';
}

/** One request, for which a server needs to know nothing of us. The date has whole seconds: its middle is taken. */
async function askClock(question: ServerQuestion, url: URL, socket: Socket): Promise<ClockFacts> {
  const client = await clientOver(socket, url.origin, timeoutsOf(question));
  const basePath = url.pathname.replace(/\/+$/, '');
  const connection = createConnection({ socket, client, basePath, server: authorityOf(endpointOf(url)) });
  const sent = Date.now();
  const answer = await connection.request(
    { method: 'GET', path: '/', headers: { accept: '*/*' }, body: null },
    AbortSignal.timeout(question.timeoutMs),
  );
  const received = Date.now();
  const roundTripMs = received - sent;
  if (answer.kind !== 'http') {
    const isLate = answer.kind === 'unanswered' && answer.reason === 'timeout';
    return { aheadMs: null, roundTripMs, answer: isLate ? 'late' : 'cut off' };
  }
  const date = Date.parse(answer.headers.date ?? '');
  const aheadMs = Number.isFinite(date) ? date + 500 - (sent + received) / 2 : null;
  return { aheadMs, roundTripMs, answer: answer.status };
}

function timeoutsOf({ timeoutMs }: ServerQuestion) {
  return { connectMs: timeoutMs, headersMs: timeoutMs, bodyMs: timeoutMs };
}
