import { lines, ofAgents, ofHosts, type Panel, stat, table } from './panel.ts';

/** The rows about the daemon on each host: what it gives to shippers, and what it costs. */

const filesOf = (what: string) =>
  `sum by (instance, path) (increase(tokenward_token_file_${what}_total{${ofAgents}}[$__rate_interval]))`;

export const outputs: readonly Panel[] = [
  lines('Requests by route and status', 'Answers of the local API.', 'reqps', [
    {
      expr: `sum by (route, status) (rate(tokenward_http_requests_total{${ofHosts}}[$__rate_interval]))`,
      legend: '{{status}} {{route}}',
    },
  ]),
  lines('Connections', 'Open ones, by kind of listener, and how many wait for news.', 'short', [
    {
      expr: `sum by (instance, listener) (tokenward_connections_open{${ofHosts}})`,
      legend: '{{instance}} {{listener}}',
    },
    {
      expr: `sum by (instance, kind) (tokenward_watchers{${ofHosts}})`,
      legend: '{{instance}} waiting: {{kind}}',
    },
  ]),
  lines(
    'Connections turned away',
    'A user has too many, the daemon has, or nobody can tell who it is.',
    'short',
    [
      {
        expr: `sum by (instance, reason) (increase(tokenward_connections_refused_total{${ofHosts}}[$__rate_interval]))`,
        legend: '{{instance}} {{reason}}',
      },
    ],
  ),
  lines(
    'Through the proxy',
    'Requests by class of status, those under way, and what was sent again.',
    'short',
    [
      {
        expr: `sum by (agent, status) (rate(tokenward_proxy_requests_total{${ofAgents}}[$__rate_interval]))`,
        legend: '{{status}} {{agent}}',
      },
      {
        expr: `sum by (agent) (tokenward_proxy_requests_open{${ofAgents}})`,
        legend: 'under way: {{agent}}',
      },
      {
        expr: `sum by (agent, outcome) (increase(tokenward_proxy_replays_total{${ofAgents}}[$__rate_interval]))`,
        legend: 'sent again, {{outcome}}: {{agent}}',
      },
    ],
  ),
  lines('Token files', 'Writes, tries that failed, and changes by others.', 'short', [
    { expr: filesOf('writes'), legend: 'written: {{instance}} {{path}}' },
    { expr: filesOf('failures'), legend: 'failed: {{instance}} {{path}}' },
    { expr: filesOf('tampered'), legend: 'changed by others: {{instance}} {{path}}' },
  ]),
  lines('Hooks', 'Tries by outcome. One that failed is tried again.', 'short', [
    {
      expr: `sum by (instance, agent, hook, outcome) (increase(tokenward_hook_runs_total{${ofAgents}}[$__rate_interval]))`,
      legend: '{{outcome}}: {{instance}} {{agent}} {{hook}}',
    },
  ]),
  lines('Time of hooks', 'How long a try takes on average, and how long ago the last success is.', 's', [
    {
      expr: `sum by (instance, agent, hook) (rate(tokenward_hook_duration_seconds_sum{${ofAgents}}[$__rate_interval])) / sum by (instance, agent, hook) (rate(tokenward_hook_duration_seconds_count{${ofAgents}}[$__rate_interval]))`,
      legend: 'a try: {{instance}} {{agent}} {{hook}}',
    },
    {
      expr: `time() - (tokenward_hook_last_success_timestamp_seconds{${ofAgents}} > 0)`,
      legend: 'since success: {{instance}} {{agent}} {{hook}}',
    },
  ]),
  lines('Alerts that go out', 'Deliveries to each channel by outcome, and notices that wait.', 'short', [
    {
      expr: `sum by (instance, channel, outcome) (increase(tokenward_alert_deliveries_total{${ofHosts}}[$__rate_interval]))`,
      legend: '{{outcome}}: {{instance}} {{channel}}',
    },
    {
      expr: `sum by (instance, channel) (tokenward_alert_notices_queued{${ofHosts}})`,
      legend: 'waiting: {{instance}} {{channel}}',
    },
  ]),
];

export const configuration: readonly Panel[] = [
  stat(
    'Hosts with a broken configuration',
    'The one before stays in use there until the next start, which would fail.',
    'short',
    `count(tokenward_config_last_reload_successful{${ofHosts}} == 0) or vector(0)`,
    { badFrom: 1, width: 6, height: 8 },
  ),
  stat(
    'Oldest configuration in use',
    'Time since a configuration was last read on the host where that is longest ago.',
    's',
    `max(time() - tokenward_config_last_reload_success_timestamp_seconds{${ofHosts}})`,
    { width: 6, height: 8 },
  ),
  lines('Reloads', 'Times that the configuration was read again, by what came of it.', 'short', [
    {
      expr: `sum by (result) (increase(tokenward_config_reloads_total{${ofHosts}}[$__rate_interval]))`,
      legend: '{{result}}',
    },
  ]),
];

export const processRow: readonly Panel[] = [
  lines('Memory', 'Resident memory; about 68 MiB idle, more after load.', 'bytes', [
    { expr: `process_resident_memory_bytes{${ofHosts}}`, legend: '{{instance}}' },
  ]),
  lines('Processor', 'Share of one core.', 'percentunit', [
    { expr: `rate(process_cpu_seconds_total{${ofHosts}}[$__rate_interval])`, legend: '{{instance}}' },
  ]),
  lines(
    'File descriptors',
    'Share of the limit. Clients are turned away before rotations run out of them.',
    'percentunit',
    [
      {
        expr: `process_open_fds{${ofHosts}} / process_max_fds{${ofHosts}}`,
        legend: '{{instance}}',
      },
    ],
  ),
  lines('Time since the start', 'It falls to 0 at each restart.', 's', [
    { expr: `time() - process_start_time_seconds{${ofHosts}}`, legend: '{{instance}}' },
  ]),
  table('Versions', 'What runs where.', `count by (version, node) (tokenward_build_info{${ofHosts}})`),
  table('Agents', 'How each is configured.', `tokenward_agent_info{${ofAgents}}`),
];
