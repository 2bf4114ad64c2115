import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { LogLevel } from '../../../src/domain/log-events.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { createLog, type LogForm, type RootLog } from '../../../src/platform/logger.ts';
import type { LogFields } from '../../../src/ports/log.ts';

interface Captured {
  readonly log: RootLog;
  readonly text: () => string;
  readonly lines: () => readonly Record<string, unknown>[];
}

async function captured(level: LogLevel = 'info', form: LogForm = 'json'): Promise<Captured> {
  let text = '';
  const log = await createLog({ level, form, destination: { write: (line) => (text += line) } });
  const lines = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, text: () => text, lines };
}

async function logged(fields: LogFields, level: LogLevel = 'info'): Promise<Record<string, unknown>> {
  const { log, lines } = await captured(level);
  log.info('started', fields);
  return lines()[0] ?? {};
}

describe('a line', () => {
  it('is JSON with time, level, event and fields, and nothing else', async () => {
    const { log, lines } = await captured();
    log.warn('peer-denied', { uid: 7, verb: 'token' });
    const [{ time, ...rest } = {}] = lines();
    expect(rest).toEqual({ level: 'warn', event: 'peer-denied', uid: 7, verb: 'token' });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('carries the fields of the log it came through', async () => {
    const { log, lines } = await captured();
    log.child({ agent: 'web-01' }).child({ attempt: 'a' }).error('effect-failed', { effect: 'X' });
    expect(lines()[0]).toMatchObject({
      level: 'error',
      event: 'effect-failed',
      agent: 'web-01',
      attempt: 'a',
      effect: 'X',
    });
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
  ] as const)('of the level %s or above is written', async (level, expected) => {
    const { log, lines } = await captured(level);
    log.debug('answer-durable');
    log.info('started');
    log.warn('doubt-found');
    log.error('request-failed');
    expect(lines().map((line) => line['level'])).toEqual(expected);
  });
});

it('another level takes effect at once, for child logs too', async () => {
  const { log, lines } = await captured('info');
  const child = log.child({ agent: 'web-01' });
  child.debug('answer-durable');
  log.setLevel('debug');
  child.debug('not-connected');
  log.setLevel('error');
  child.warn('doubt-found');
  expect(lines().map((line) => line['event'])).toEqual(['not-connected']);
});

describe('credentials', () => {
  const names = [
    'secret',
    'token',
    'access_token',
    'new_secret',
    'authorization',
    'Authorization',
    'password',
  ];

  it('print as [secret] wherever they are', async () => {
    const text = new Secret('hunter2');
    const line = await logged({
      value: text,
      list: [text],
      deep: { er: { credential: { text } } },
      secret: text,
    });
    expect(JSON.stringify(line)).not.toContain('hunter2');
    expect(line).toMatchObject({ value: '[secret]', list: ['[secret]'], secret: '[secret]' });
    expect(line['deep']).toEqual({ er: { credential: { text: '[secret]' } } });
  });

  it.each(names)('of the name %s do not show at any of the first levels', async (name) => {
    const held = { [name]: 'hunter2', other: 'shown' };
    const fields = { ...held, a: held, b: { c: held }, d: { e: { f: held } } };
    const line = await logged(fields);
    expect(JSON.stringify(line)).not.toContain('hunter2');
    expect(JSON.stringify(line).match(/shown/g)).toHaveLength(4);
    expect(fields.a[name]).toBe('hunter2');
  });

  it('do not show when a child log carries them', async () => {
    const { log, text } = await captured();
    log.child({ token: 'hunter2', a: { password: 'hunter2' } }).info('started');
    expect(text()).not.toContain('hunter2');
  });
});

describe('errors', () => {
  const cause = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const error = new TokenwardError('SECRET_NOT_PERSISTED', 'cannot save', {
    cause,
    fields: { path: '/state' },
  });

  it('are told with code, sentence, fields and cause, without a stack', async () => {
    expect((await logged({ error }))['error']).toEqual({
      code: 'SECRET_NOT_PERSISTED',
      message: 'cannot save',
      fields: { path: '/state' },
      cause: { code: 'ENOSPC', message: 'no space left' },
    });
  });

  it('have a stack at the level debug', async () => {
    const { error: told } = await logged({ error }, 'debug');
    expect(told).toMatchObject({
      stack: expect.arrayContaining([expect.stringMatching(/^at /)]) as string[],
    });
  });

  it('of a parser do not quote what it was given', async () => {
    const answer = 'hunter2, which is no JSON';
    const thrown = ((): unknown => {
      try {
        return JSON.parse(answer);
      } catch (caught) {
        return caught;
      }
    })();
    const wrapped = new TokenwardError('SERVER_TROUBLE', 'cannot read the answer', { cause: thrown });
    for (const level of ['info', 'debug'] as const) {
      expect(JSON.stringify(await logged({ error: wrapped }, level))).not.toContain('hunter2');
    }
  });

  it('end a chain of causes that goes round', async () => {
    const round = new Error('round');
    round.cause = round;
    expect(JSON.stringify(await logged({ error: round })).match(/round/g)).toHaveLength(5);
  });

  it.each(['a text', 7, null, undefined, { secret: 'hunter2' }])(
    'that are none (%j) are told too',
    async (thrown) => {
      expect(JSON.stringify(await logged({ error: thrown }))).not.toContain('hunter2');
    },
  );
});

describe('for people', () => {
  it('a line is text, with what matters in it, and at once', async () => {
    const { log, text } = await captured('info', 'text');
    log.info('started', { agents: ['web-01'], version: new Secret('hunter2') });
    expect(text()).toContain('INFO: started');
    expect(text()).toContain('web-01');
    expect(text()).not.toContain('hunter2');
    expect(text().endsWith('\n')).toBe(true);
  });

  it.each([
    ['text', false],
    ['colours', true],
  ] as const)('the form %s: are there colours? %j', async (form, hasColours) => {
    const { log, text } = await captured('info', form);
    log.info('started');
    expect(text().includes('\u001B[')).toBe(hasColours);
  });
});

describe("for systemd's journal", () => {
  it('a line has its priority before it, and is JSON as ever', async () => {
    const { log, text } = await captured('debug', 'journal');
    log.debug('answer-durable');
    log.info('started');
    log.child({ agent: 'web-01' }).warn('doubt-found');
    log.error('request-failed');
    const lines = text().trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['<7>', '<6>', '<4>', '<3>']);
    expect(lines.map((line) => (JSON.parse(line.slice(3)) as { level: string }).level)).toEqual([
      'debug',
      'info',
      'warn',
      'error',
    ]);
  });
});
