/**
 * A client that asks too much, as a process of its own with a uid of its own: `flood-process.ts KIND SOCKET PATH`. It writes a line when
 * it is at it, and goes on until it is ended, or for a minute at most.
 */
import { connect, type Socket } from 'node:net';
import type { FloodKind } from './measures/flood.ts';

const [kind, socketPath = '', path = '/'] = process.argv.slice(2);
const request = (...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
const plain = request();
/** What only `node:http` reads, many times over. */
const pipelined = Buffer.from(request('X-Any: 1').repeat(500));

const floods: Readonly<Record<FloodKind, () => void>> = {
  requests: () => times(1000, () => open().on('data', again(plain)).write(plain)),
  pipelined: () => times(64, () => pour(open().resume())),
  unread: () => times(256, () => pour(open().pause())),
  'slow headers': () =>
    times(1000, () => {
      const socket = open();
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
      setInterval(() => socket.write('A: b\r\n'), 100);
    }),
  connections: () => times(64, comeAndGo),
};

setTimeout(() => process.exit(), 60_000);
floods[kind as FloodKind]();
setTimeout(() => process.stdout.write('at it\n'), 1000);

function open(): Socket {
  return connect(socketPath).on('error', () => {});
}

function times(count: number, run: () => void): void {
  for (let done = 0; done < count; done += 1) run();
}

/** One request after the other: an answer fits into one chunk. */
function again(text: string) {
  return function onAnswer(this: Socket): void {
    this.write(text);
  };
}

function pour(socket: Socket): void {
  const write = () => {
    while (socket.write(pipelined));
  };
  socket.on('drain', write);
  write();
}

function comeAndGo(): void {
  const socket = open();
  socket.on('connect', () => socket.write(plain));
  socket.on('data', () => socket.destroy());
  socket.on('close', () => setImmediate(comeAndGo));
}
