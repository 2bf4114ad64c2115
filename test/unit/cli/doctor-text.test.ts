import { expect, it } from 'vitest';
import { lineText } from '../../../src/cli/doctor-text.ts';
import { terminalStyle } from '../../../src/cli/terminal-style.ts';
import { warning } from '../../../src/doctor/line.ts';

const named = (name: string) => ({
  what: name,
  detail: `the certificate ${name}, issued by ${name}`,
  mend: `ask ${name}`,
});

it('what a server put into its certificate cannot steer the terminal', () => {
  const style = terminalStyle({}, { LANG: 'C.UTF-8', NO_COLOR: '1' });
  expect(lineText(warning('server-certificate', named('logs\u001B[2J\n')), style)).toEqual([
    '  ▲ warning logs [2J : the certificate logs [2J , issued by logs [2J ',
    '            → ask logs [2J ',
  ]);
});
