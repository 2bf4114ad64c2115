import { type Description, text } from './description.ts';

/** The keys of `proxies`. */
export const proxyDescriptions: Readonly<Record<string, Description>> = {
  '.proxies': text(
    'Injecting proxies: what is sent to one goes to the server of its agent, with the token in the header. See docs/proxy.md.',
  ),
  '.proxies[]': text('A proxy, on a port (`listen`) or on a Unix socket (`unix`).', {
    listen: '127.0.0.1:8472',
    agent: 'web-01',
    client_key_file: '/etc/tokenward/proxy.key',
  }),
  '.proxies[].listen': text('The loopback address and port to listen on.', '127.0.0.1:8472', '[::1]:8472'),
  '.proxies[].unix': text(
    'The path of a socket instead, at most 107 bytes. Its folder must exist.',
    '/run/tokenward/web-01.proxy.sock',
  ),
  '.proxies[].mode': text('The permission bits of the socket, in quotes. Who may write may connect.'),
  '.proxies[].owner': text('The owner of the socket by name or number.', 'tokenward'),
  '.proxies[].group': text('The group of the socket by name or number.', 'adm'),
  '.proxies[].agent': text('The agent whose token is put in, and to whose server requests go.', 'web-01'),
  '.proxies[].client_key_file': text(
    'A file of one line that only its owner may read (mode 0600): the key that clients show, as X-Tokenward-Key or as password of Basic.',
    '/etc/tokenward/proxy.key',
  ),
  '.proxies[].peer': text('Who needs no key, because the kernel says who connects.'),
  '.proxies[].peer.user': text('A user by name or number.', 'fluent', 997),
  '.proxies[].methods': text('The methods that are forwarded.', ['POST', 'PUT']),
  '.proxies[].methods[]': text('A method.'),
  '.proxies[].paths': text('The paths that are forwarded; * stands for one segment, or a part of one.', [
    '/api/v2/events',
  ]),
  '.proxies[].paths[]': text('A path, in plain ASCII.', '/api/v2/events/ingest/*'),
  '.proxies[].max_body': text(
    'How large the body of a request may be: 1KiB to 1GiB. It is kept, in memory or in a file of state_dir without a name, until the server has taken it.',
  ),
  '.proxies[].rejected': text(
    'The statuses by which the server says that the token is no good. Then another one is fetched, and the request is sent again. Without 403, that one is passed on.',
    [401, 403, 440],
  ),
  '.proxies[].rejected[]': text('A status.'),
  '.proxies[].answer_deadline': text(
    'How long the server may take to answer, from the end of the request on: 1s to 10m.',
  ),
};
