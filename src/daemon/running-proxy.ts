import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { agentNamed } from '../composition.ts';
import type { ProxyConfig } from '../config/config.ts';
import { createUpstream } from '../platform/http/upstream.ts';
import { openLocalKey } from '../platform/local-key.ts';
import { openLoopbackOwners } from '../platform/loopback-owner.ts';
import { openScratchFile } from '../platform/scratch-file.ts';
import type { SocketDress } from '../serve/bound-socket.ts';
import { assertPeerCheck } from '../serve/peer-check.ts';
import { lookUpPeer, type Peer, unknownPeer } from '../serve/peer.ts';
import { listenProxy, type ProxyListener, type ProxyPlace } from '../serve/proxy/listen.ts';
import type { ProxyRules } from '../serve/proxy/proxy-rules.ts';
import { TokenSupply } from '../serve/proxy/token-supply.ts';
import { compareDress } from './passed-socket.ts';
import type { PlaceContext, Running, RunningListener } from './running.ts';
import { dressOf, explicit } from './socket-dress.ts';

/** Milliseconds for a connection to the server. */
const connectMs = 10_000;
/** Connections to the server at one time. */
const mostUpstream = 256;
/** Milliseconds that a request is kept waiting for a token. An exchange has as much at most by default, and shippers wait longer. */
const patienceMs = 15_000;

/** A proxy that listens. */
interface OpenProxy {
  readonly config: ProxyConfig;
  readonly listener: ProxyListener;
  readonly place: ProxyPlace;
  /** What asks the kernel who connects; another one after a reload. */
  readonly asking: { peers: Peers };
}

/** Rejects as a listener does, and `KEY_FILE_UNUSABLE`, `PEER_CHECK_UNAVAILABLE`, and `CONFIG_INVALID` for a file of `tls`. */
export async function openProxy(
  running: Running,
  config: ProxyConfig,
  context: PlaceContext,
): Promise<RunningListener> {
  const { host, log, metrics } = running;
  const place = await placeOf(running, config);
  const asking = { peers: await openPeers(running, config) };
  try {
    const inherited = running.service.socketAt(place);
    const listener = await listenProxy(
      {
        clock: host.clock,
        log,
        metrics,
        openScratchFile: () => openScratchFile(host.config.stateDir),
      },
      { ...place, inherited },
      await rulesOf(running, config, context, asking.peers),
      (path) => assertPeerCheck(host.native, path),
    );
    const compare = (wanted: SocketDress) => compareDress(log, listener.address, wanted);
    if (inherited !== null && place.kind === 'unix') await compare(place);
    const dress = inherited === null ? (wanted: SocketDress) => listener.dress(wanted) : compare;
    const close = async (deadlineMs: number) => {
      await listener.close(deadlineMs);
      asking.peers.close();
    };
    return runningProxy(running, { config, listener: { ...listener, close, dress }, place, asking });
  } catch (error) {
    asking.peers.close();
    throw error;
  }
}

function runningProxy(running: Running, { config, listener, place, asking }: OpenProxy): RunningListener {
  return {
    config,
    listener,
    async prepare(changed, context) {
      if (changed.kind !== 'proxy') throw new Error('a proxy is no listener');
      const next = await placeOf(running, changed);
      const nextPeers = await openPeers(running, changed);
      await using undo = new AsyncDisposableStack();
      undo.defer(() => nextPeers.close());
      const rules = await rulesOf(running, changed, context, nextPeers);
      const isDressed = isDeepStrictEqual(next, place);
      if (!isDressed && next.kind === 'unix') await listener.dress(explicit(next));
      const undone = undo.move();
      return {
        commit() {
          listener.update(rules);
          asking.peers.close();
          asking.peers = nextPeers;
          return runningProxy(running, { config: changed, listener, place: next, asking });
        },
        undo: async () => {
          await undone.disposeAsync();
          if (!isDressed && place.kind === 'unix') await listener.dress(explicit(place));
        },
      };
    },
  };
}

async function placeOf({ users }: Running, { place }: ProxyConfig): Promise<ProxyPlace> {
  if (place.kind === 'tcp') return place;
  return { kind: 'unix', path: place.path, ...(await dressOf(users, place)) };
}

/** A connection to the server is opened by the first request. */
async function rulesOf(
  running: Running,
  proxy: ProxyConfig,
  { config, allConnections }: PlaceContext,
  peers: Peers,
): Promise<ProxyRules> {
  const { host, users, log } = running;
  const agent = agentNamed(config, proxy.agent);
  const key =
    proxy.clientKeyFile === null
      ? null
      : await openLocalKey(proxy.clientKeyFile, {
          disk: host.disk,
          onUnusable: (error) => log.warn('client-key-unusable', { error }),
        });
  return {
    agent: agent.name,
    upstream: createUpstream({
      url: agent.url,
      tls: agent.tls,
      env: host.env,
      timeouts: { connectMs, headersMs: proxy.answerDeadlineMs, bodyMs: proxy.answerDeadlineMs },
      connections: Math.min(mostUpstream, allConnections),
    }),
    tokens: new TokenSupply({
      agent: () => running.brokers.get(agent.name) ?? null,
      clock: host.clock,
      patienceMs,
    }),
    tokenHeader: agent.tokenHeader,
    maxBody: proxy.maxBody,
    rejected: new Set<number>(proxy.rejected),
    deadlineMs: proxy.answerDeadlineMs,
    client: { key, user: proxy.peerUser === null ? null : await users.userId(proxy.peerUser) },
    target: { methods: proxy.methods, paths: proxy.paths, hosts: hostsOf(proxy, agent.url) },
    limits: { connections: 0, requestsPerSecond: 0, allConnections },
    identify: (socket) => peers.identify(socket),
  };
}

/** Nobody reaches a socket by a name, so Host says nothing there. */
function hostsOf({ place }: ProxyConfig, url: string): ReadonlySet<string> | null {
  return place.kind === 'unix' ? null : new Set([new URL(url).hostname.replaceAll(/[[\]]/g, '')]);
}

interface Peers {
  identify(socket: Socket): Peer;
  close(): void;
}

/** Whoever connects to a socket is told by the kernel in any case; to a port only where it matters, as that costs a question. */
async function openPeers({ host }: Running, { place, peerUser }: ProxyConfig): Promise<Peers> {
  if (place.kind === 'unix')
    return { identify: (socket) => lookUpPeer(host.native, socket), close: () => {} };
  if (peerUser === null) return { identify: () => unknownPeer, close: () => {} };
  const owners = await openLoopbackOwners(host.native);
  return {
    identify: (socket) => ({ ...unknownPeer, uid: owners.ownerOf(socket) }),
    close: () => owners.close(),
  };
}
