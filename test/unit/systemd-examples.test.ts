import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

/** The rule of polkit is a program; here it is asked as polkitd asks it. */

const file = join(import.meta.dirname, '../../systemd/examples/polkit-1/50-tokenward.rules');

interface Question {
  readonly id?: string;
  readonly user?: string;
  readonly unit?: string;
  readonly verb?: string;
}

type Rule = (
  action: { readonly id: string; lookup(key: 'unit' | 'verb'): string },
  subject: { readonly user: string },
) => unknown;

function answerTo({
  id = 'org.freedesktop.systemd1.manage-units',
  user = 'tokenward',
  unit = 'fluent-bit.service',
  verb = 'reload',
}: Question): unknown {
  const rules: Rule[] = [];
  const polkit = { Result: { YES: 'yes' }, addRule: (rule: Rule) => rules.push(rule) };
  runInNewContext(readFileSync(file, 'utf8'), { polkit });
  expect(rules).toHaveLength(1);
  return rules[0]?.({ id, lookup: (key) => (key === 'unit' ? unit : verb) }, { user });
}

describe('the rule of polkit', () => {
  it('lets the daemon reload and restart the units that it names', () => {
    expect(answerTo({})).toBe('yes');
    expect(answerTo({ verb: 'restart' })).toBe('yes');
  });

  it.each([
    { user: 'nobody' },
    { unit: 'sshd.service' },
    { verb: 'stop' },
    { id: 'org.freedesktop.login1.reboot' },
  ])('says nothing about anything else: %o', (question) => {
    expect(answerTo(question)).toBeUndefined();
  });
});
