import { alertDescriptions } from './alert-descriptions.ts';
import { type Description, text } from './description.ts';
import { hookDescriptions } from './hook-descriptions.ts';
import { proxyDescriptions } from './proxy-descriptions.ts';

/** What each key of the configuration means, for editors and for `docs/configuration.md`. */

/** By path: `.*` stands for every name, `[]` for every item. */
export const descriptions: Readonly<Record<string, Description>> = {
  '.state_dir': text(
    'The folder of the sealed state: journal, session, and the secrets of the `file` store. Made where it is missing.',
  ),
  '.shutdown_grace': text(
    'How long a stop waits for an exchange under way and for a secret that is not saved yet: 2s to 10m. Keep it below TimeoutStopSec of the unit.',
  ),
  '.allow_ephemeral': text(
    'Whether state_dir may be on a file system that does not outlive a restart (tmpfs, overlay, emptyDir).',
  ),
  '.allow_network_filesystem': text(
    'Whether state_dir may be on a network or cluster file system: only for one that is known to lock and to sync, and for one host.',
  ),
  '.log': text('The log of the daemon, on standard output.'),
  '.log.level': text('The least level that is logged.'),
  '.agents': text('The agents by name; at least one.'),
  '.agents.*': text(
    'One agent: an identity at one server. Its name is 1 to 63 of a-z, 0-9, ".", "_" and "-", the first a letter or a digit.',
  ),
  '.agents.*.provider': text('The product that issues the tokens.'),
  '.agents.*.url': text(
    'The address of the server: https, and http for loopback hosts only. A path in front of that of the API may follow.',
    'https://logs.example.com',
  ),
  '.agents.*.tls': text('How the server proves who it is, and how this host does. Only for https.'),
  '.agents.*.tls.ca_file': text(
    'PEM of the authorities that may vouch for the server, instead of those of the system.',
    '/etc/tokenward/ca.pem',
  ),
  '.agents.*.tls.cert_file': text(
    'PEM of a client certificate, with its chain; goes with key_file.',
    '/etc/tokenward/client.pem',
  ),
  '.agents.*.tls.key_file': text(
    'PEM of the unencrypted private key of cert_file.',
    '/etc/tokenward/client.key',
  ),
  '.agents.*.tls.server_name': text(
    'The host that the certificate of the server names, where that is not the host of url.',
    'logs.internal',
  ),
  '.agents.*.ttl': text(
    'How long a token shall live: 1m to 180d. 0 is the default of the server, which is 30m.',
    '30m',
    '12h',
  ),
  '.agents.*.expires_at': text(
    'When the credential ends, where the product has no exchange (f5-xc), with its zone. In place of ttl and refresh.',
    '2027-01-31T00:00:00Z',
  ),
  '.agents.*.refresh': text('When a token is replaced.'),
  '.agents.*.refresh.at': text('The share of its life after which a token is replaced, above 0 and below 1.'),
  '.agents.*.refresh.jitter': text(
    'By how much of its life that varies, so that hosts do not come all at once: from 0, and small enough for at ± jitter to stay above 0 and below 1. A token that came after a failed try is refreshed up to five times as much earlier, once, so that a fleet parts after an outage.',
  ),
  '.agents.*.max_exchanges_per_minute': text(
    'How many exchanges with the server there may be, restarts included.',
  ),
  '.agents.*.exchange_deadline': text(
    'How long to wait for the answer of an exchange: 1s to 20s, and less than shutdown_grace.',
  ),
  '.agents.*.secret': text(
    'Where the secret of the agent is kept. The secret itself never stands in this file.',
    {
      store: 'file',
    },
  ),
  '.agents.*.secret.store': text(
    'file: sealed in state_dir. keychain: in the keychain of the user that runs tokenward (Secret Service). kubernetes: in a Secret of the cluster, so that it outlives the pod (docs/kubernetes.md). memory: nowhere; a restart forgets it.',
  ),
  '.agents.*.secret.key_file': text(
    'The file of the key that seals the secret: 32 bytes as base64, mode 0600; made on first use. Without it, and without credential, it is wrapping.key in state_dir.',
    '/var/lib/tokenward/wrapping.key',
  ),
  '.agents.*.secret.credential': text(
    'The name of a systemd credential that holds that key (LoadCredential=NAME:... of the unit), instead of key_file.',
    'wrapping-key',
  ),
  '.agents.*.secret.deadline': text('How long the keychain may take to answer: 500ms to 60s.'),
  '.agents.*.secret.name': text(
    'The Secret of Kubernetes that holds everything of this agent. It must exist, and be of this agent alone.',
    'tokenward-web-01',
  ),
  '.agents.*.secret.namespace': text(
    'Its namespace, and that of the Lease. Without it, that of the pod.',
    'logs',
  ),
  '.agents.*.secret.lease': text(
    'The Lease that says which pod may exchange. It must exist. Without it, it has the name of the Secret.',
    'tokenward-web-01',
  ),
  '.agents.*.secret.api_server': text(
    'The URL of the API server. Without it, as the pod says (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT).',
    'https://10.96.0.1:443',
  ),
  '.agents.*.secret.token_file': text(
    'The token of the service account. It is read for every call, so that a new one counts at once. Without it, /var/run/secrets/kubernetes.io/serviceaccount/token.',
    '/var/run/secrets/kubernetes.io/serviceaccount/token',
  ),
  '.agents.*.secret.ca_file': text(
    'PEM file with the authorities of the API server. Without it, ca.crt beside that token, or with api_server those that the system trusts.',
    '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
  ),
  '.agents.*.secret_file': text(
    'A file in which a new secret may be dropped while the daemon runs: alone, on one line. It is watched and adopted, each content once; only read, and it may be missing.',
    '/run/secrets/web-01',
  ),
  '.agents.*.in_doubt': text(
    'What to do when nobody knows whether the server took an exchange: replay_once sends the same secret again until an answer comes, halt waits for a person. Only where an exchange replaces the secret (vcf-logs).',
  ),
  '.agents.*.token_header': text(
    'How a token is shown to the server: NAME: SCHEME TOKEN. What is not said is as the product has it: Authorization: Bearer (vcf-logs), X-Auth-Token (onezone), Authorization: APIToken (f5-xc).',
    { name: 'X-JWT-Token' },
  ),
  '.agents.*.token_header.name': text('The name of the header.', 'X-JWT-Token'),
  '.agents.*.token_header.scheme': text(
    'The word before the token; "" for none, which is also what another header than the product\'s own has where nothing is said.',
    'Bearer',
    '',
  ),
  '.agents.*.probe': text(
    'Asks the server with the token, now and then, whether it still works. Required for f5-xc, whose credential is proved by it.',
    { path: '/api/v2/version', every: '5m' },
  ),
  '.agents.*.probe.path': text(
    'What is asked for (GET): something cheap that the token may read. Scheme and host are those of url.',
    '/api/v2/version',
  ),
  '.agents.*.probe.every': text('How often: 10s to 24h.'),
  '.agents.*.on_invalid': text(
    'What becomes of the files when the server has rejected the token for certain: keep leaves them, remove deletes them until there is another token.',
  ),
  '.agents.*.files': text('Files that always hold the current token, each in a format of its own.'),
  '.agents.*.files[]': text('A file that always holds the current token.', {
    path: '/run/tokenward/web-01.token',
    group: 'adm',
  }),
  '.agents.*.files[].path': text(
    'The path of the file. Its folder must exist.',
    '/run/tokenward/web-01.token',
  ),
  '.agents.*.files[].format': text(
    'What stands in the file (docs/token-files.md). bare: the token and nothing else. header: the line NAME: SCHEME TOKEN of token_header. json: an object on one line. env: assignments for a shell and for EnvironmentFile of systemd. envoy-sds: a secret of Envoy. template: the text of template.',
  ),
  '.agents.*.files[].secret_name': text(
    'The name by which Envoy asks for the secret; the name of the agent where nothing is said. Only with format: envoy-sds.',
    'web-01',
  ),
  '.agents.*.files[].template': text(
    'The text of the file, with {{token}} or {{header_value}} in it; also {{header_name}}, {{expires_at}}, {{expires_at_unix}}, {{agent}} and {{sequence}}. Only with format: template.',
    'token = {{token}}',
  ),
  '.agents.*.files[].mode': text('Its permission bits, in quotes. Nobody but the owner may write.'),
  '.agents.*.files[].owner': text(
    'Its owner by name or number; the user that runs tokenward where nothing is said.',
    'tokenward',
  ),
  '.agents.*.files[].group': text('Its group by name or number.', 'adm', 4),
  ...hookDescriptions,
  '.listeners': text('Where the daemon can be asked.'),
  '.listeners[]': text(
    'Either the local API on a Unix socket (`unix`), or health, metrics and OAuth over TCP (`tcp`).',
    {
      tcp: '127.0.0.1:9464',
      serves: ['health', 'metrics'],
    },
  ),
  '.listeners[].unix': text(
    'The path of the socket, at most 107 bytes. Its folder must exist.',
    '/run/tokenward/tokenward.sock',
  ),
  '.listeners[].mode': text('The permission bits of the socket, in quotes. Who may write may connect.'),
  '.listeners[].owner': text('The owner of the socket by name or number.', 'tokenward'),
  '.listeners[].group': text('The group of the socket by name or number.', 'adm'),
  '.listeners[].peer_check': text(
    'kernel: the kernel says who is connected, and whom `allow` names is let in. none: whoever can connect may do all that `allow` grants to anyone; for hosts where the kernel cannot tell.',
  ),
  '.listeners[].limits': text('Bounds for each user.'),
  '.listeners[].limits.connections': text('Connections that are open at one time; 0 is no bound.'),
  '.listeners[].limits.requests_per_second': text(
    'Requests a second, 0 for no bound, with a burst of one second; more are answered 429 with Retry-After.',
  ),
  '.listeners[].limits.header_deadline': text(
    'From the first byte of a request to the end of its headers. Who takes longer is answered 408 and cut off.',
  ),
  '.listeners[].limits.idle_deadline': text('How long a connection may be idle between two requests.'),
  '.listeners[].allow': text('Who may do what. Nobody else may do anything.'),
  '.listeners[].allow[]': text('What one user, or one group, may do.', {
    group: 'adm',
    may: ['token', 'status'],
  }),
  '.listeners[].allow[].user': text('A user by name or number; give either this or group.', 'root', 0),
  '.listeners[].allow[].group': text('A group by name or number; give either this or user.', 'adm'),
  '.listeners[].allow[].may': text(
    'What they may do. token: read tokens. status: read the status. admin: refresh, hand over a secret, recover, replace the key.',
    ['token', 'status'],
  ),
  '.listeners[].allow[].may[]': text('Something that they may do.'),
  '.listeners[].allow[].agents': text(
    'For which agents: names, in which * stands for any characters. Without it for all, also those that come later.',
  ),
  '.listeners[].allow[].agents[]': text(
    'A name or a pattern. It has to mean an agent of this configuration.',
    'web-*',
  ),
  '.listeners[].tcp': text(
    'The address to listen on: an IP address or localhost, and a port. Serves tokens by OAuth only, and that on a loopback address.',
    '127.0.0.1:9464',
    '[::1]:9464',
  ),
  '.listeners[].serves': text(
    'What is served here. health: /healthz and /readyz. metrics: /metrics. oauth: /oauth/token, for `clients`.',
    ['health', 'metrics'],
  ),
  '.listeners[].serves[]': text('Something that is served here.'),
  '.listeners[].clients': text('Who may ask for a token by OAuth: names of clients, as they show them.'),
  '.listeners[].clients.*': text('A client.', {
    agent: 'web-01',
    secret_file: '/etc/tokenward/fluent-bit.key',
  }),
  '.listeners[].clients.*.agent': text('The agent whose token it gets.', 'web-01'),
  '.listeners[].clients.*.secret_file': text(
    'A file of one line that only its owner may read (mode 0600): the secret that the client shows, at least 16 bytes. Read again when it changes.',
    '/etc/tokenward/fluent-bit.key',
  ),
  ...proxyDescriptions,
  ...alertDescriptions,
};
