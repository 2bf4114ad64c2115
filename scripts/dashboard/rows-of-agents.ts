import { bars, lines, ofAgents, type Panel, stat, table } from './panel.ts';

/** The rows about agents: what an operator looks at first, and what explains it. */

const perAgent = '{{instance}} {{agent}}';

export const atAGlance: readonly Panel[] = [
  stat('Agents', 'Agents that are scraped.', 'short', `count(tokenward_token_valid{${ofAgents}})`),
  stat(
    'With a valid token',
    'Share of the agents whose shippers can send now.',
    'percentunit',
    `avg(tokenward_token_valid{${ofAgents}})`,
    { badBelow: 0.95 },
  ),
  stat(
    'Without a token',
    'Agents whose shippers cannot send now. The table of alerts says why.',
    'short',
    `count(tokenward_token_valid{${ofAgents}} == 0) or vector(0)`,
    { badFrom: 1 },
  ),
  stat(
    'First token to end',
    'Time until the first token ends, if nothing more succeeds.',
    's',
    `min(tokenward_token_expiry_timestamp_seconds{${ofAgents}} - time())`,
    { badBelow: 60 },
  ),
  stat(
    'Secrets in memory only',
    'Agents whose newest secret could not be saved: do not stop their daemons.',
    'short',
    `count(tokenward_secret_persisted{${ofAgents}} == 0) or vector(0)`,
    { badFrom: 1 },
  ),
  stat(
    'Alerts that stand',
    'Conditions that the daemons themselves report.',
    'short',
    `sum(tokenward_alert_active{${ofAgents}}) or vector(0)`,
    { badFrom: 1 },
  ),
  lines('Agents by state', 'All should be active; docs/metrics.md says what the others mean.', 'short', [
    { expr: `sum by (state) (tokenward_agent_state{${ofAgents}})`, legend: '{{state}}' },
  ]),
  table(
    'Alerts that stand now',
    'Each code has a heading in docs/errors.md that says what to do.',
    `tokenward_alert_active{${ofAgents}} == 1`,
  ),
];

export const tokens: readonly Panel[] = [
  lines(
    'Life left of the token',
    'Falls to about a quarter of the life, and jumps up at each refresh.',
    's',
    [{ expr: `tokenward_token_expiry_timestamp_seconds{${ofAgents}} - time()`, legend: perAgent }],
  ),
  lines('Share of its life left', 'Where it falls below a fifth, refreshes fail.', 'percentunit', [
    {
      expr: `(tokenward_token_expiry_timestamp_seconds{${ofAgents}} - time()) / tokenward_token_ttl_seconds{${ofAgents}}`,
      legend: perAgent,
    },
  ]),
  lines(
    'Refreshes that are late',
    'Time since the refresh was due; nothing where it is still to come.',
    's',
    [
      {
        expr: `(time() - tokenward_token_refresh_due_timestamp_seconds{${ofAgents}}) > 0`,
        legend: perAgent,
      },
    ],
  ),
  lines(
    'Time until the next try',
    'The next exchange that is planned, pauses after failures included.',
    's',
    [{ expr: `tokenward_next_refresh_timestamp_seconds{${ofAgents}} - time()`, legend: perAgent }],
  ),
  lines('New tokens in an hour', 'How many tokens the agents got.', 'short', [
    { expr: `delta(tokenward_token_sequence{${ofAgents}}[1h])`, legend: perAgent },
  ]),
  lines(
    'Secrets so far',
    'The generation of the secret: each rotation adds one, and it never falls.',
    'short',
    [{ expr: `tokenward_secret_generation{${ofAgents}}`, legend: perAgent }],
  ),
];

const stepsOf = (step: string) =>
  `sum by (instance, agent) (increase(tokenward_rotation_steps_total{${ofAgents},step="${step}"}[$__rate_interval]))`;

const eventsOf = (metric: string) => `sum(increase(${metric}{${ofAgents}}[$__rate_interval]))`;

export const rotation: readonly Panel[] = [
  bars(
    'Steps that succeeded',
    'In the time that is shown. The first step that is shorter than the one before it is where rotations end.',
    'short',
    {
      expr: `sum by (step) (increase(tokenward_rotation_steps_total{${ofAgents}}[$__range]))`,
      legend: '{{step}}',
    },
  ),
  bars(
    'Tries that failed',
    'In the time that is shown. What saves a secret is tried until it succeeds.',
    'short',
    {
      expr: `sum by (step) (increase(tokenward_rotation_step_failures_total{${ofAgents}}[$__range]))`,
      legend: '{{step}}',
    },
  ),
  lines('Requests without an answer', 'Each one puts a secret in doubt.', 'short', [
    { expr: `${stepsOf('request-sent')} - ${stepsOf('answer-received')}`, legend: perAgent },
  ]),
  lines(
    'Rare events',
    'Replays, exchanges that a crash interrupted, and secrets that a store had forgotten.',
    'short',
    [
      { expr: eventsOf('tokenward_replays_total'), legend: 'replayed' },
      { expr: eventsOf('tokenward_interrupted_exchanges_total'), legend: 'interrupted' },
      { expr: eventsOf('tokenward_secret_recommits_total'), legend: 'saved again' },
    ],
  ),
];

const quantile = (share: number, metric: string) =>
  `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket{${ofAgents}}[1h])))`;

export const exchange: readonly Panel[] = [
  lines('Exchanges by outcome', 'Only "granted" brings a token.', 'short', [
    {
      expr: `sum by (outcome) (increase(tokenward_exchanges_total{${ofAgents}}[$__rate_interval]))`,
      legend: '{{outcome}}',
    },
  ]),
  lines('How long an exchange takes', 'From sending to the end of the answer, over an hour.', 's', [
    { expr: quantile(0.5, 'tokenward_exchange_duration_seconds'), legend: 'half' },
    { expr: quantile(0.99, 'tokenward_exchange_duration_seconds'), legend: '99 of 100' },
  ]),
  lines(
    'Exchanges that are allowed now',
    'What max_exchanges_per_minute leaves. At 0 a forced refresh is told to wait.',
    'short',
    [{ expr: `tokenward_exchange_bucket_level{${ofAgents}}`, legend: perAgent }],
  ),
  lines('Secrets handed over', 'Enrolments and imports, and what the server said of them.', 'short', [
    {
      expr: `sum by (result) (increase(tokenward_hand_overs_total{${ofAgents}}[$__rate_interval]))`,
      legend: '{{result}}',
    },
    {
      expr: `sum by (verdict) (increase(tokenward_hand_over_verdicts_total{${ofAgents}}[$__rate_interval]))`,
      legend: 'server: {{verdict}}',
    },
  ]),
  lines('Tokens rejected', 'Reports of shippers and probes, and what came of them.', 'short', [
    {
      expr: `sum by (result) (increase(tokenward_token_rejections_total{${ofAgents}}[$__rate_interval]))`,
      legend: '{{result}}',
    },
  ]),
];

export const durability: readonly Panel[] = [
  lines(
    'How long an answer takes to be durable',
    'The window in which a power cut may cost a secret, over an hour.',
    's',
    [
      { expr: quantile(0.5, 'tokenward_persist_duration_seconds'), legend: 'half' },
      { expr: quantile(0.99, 'tokenward_persist_duration_seconds'), legend: '99 of 100' },
    ],
  ),
  lines(
    'Trouble with what is stored',
    'Alerts about stores, state folders and secrets that cannot be saved.',
    'short',
    [
      {
        expr: `sum by (code) (tokenward_alert_active{${ofAgents},code=~"STORE_.*|STATE_.*|SECRET_NOT_PERSISTED"})`,
        legend: '{{code}}',
      },
    ],
  ),
];
