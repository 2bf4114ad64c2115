import { expect, inject, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { describePart } from '../support/parts.ts';
import { Terminal, type TerminalOptions } from '../support/terminal.ts';

/** A terminal in which `tokenward` is the built program, with the configuration of the installation. */
function terminalFor(
  site: Installation,
  { env = {}, ...options }: Omit<TerminalOptions, 'commands'>,
): Promise<Terminal> {
  return Terminal.open({
    ...options,
    env: { ...env, TOKENWARD_CONFIG: site.configFile },
    commands: { tokenward: [inject('node'), site.program] },
  });
}

const wide = { columns: 80, rows: 24 };
const narrow = { columns: 40, rows: 20 };

describePart(['tmux'], 'status on a terminal', () => {
  it('fits it, and has colours that NO_COLOR takes away', async () => {
    await using site = await Installation.create({ config: { agents: { 'web-02': {} } } });
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });

    await using terminal = await terminalFor(site, wide);
    await terminal.enter('tokenward status; echo code $?');
    const text = await terminal.shows('code 0');
    expect(text).toContain('2 agents: 1 unprovisioned, 1 active; 1 needs you');
    expect(text).toMatch(/^○ web-02 +unprovisioned +none +- +tokenward enroll web-02$/m);
    expect(text).toMatch(/^● web-01 +active +valid (29|30)m \(\d\d:\d\d\) +\d\dm$/m);
    expect(await terminal.styledText()).toContain('\u001B[32mactive');

    await terminal.enter('clear; NO_COLOR=1 tokenward status web-01; echo code $?');
    expect(await terminal.shows('code 0')).toMatch(/^● web-01: active, a valid token/m);
    expect(await terminal.styledText()).not.toContain('\u001B[3');

    await terminal.resize(40, 20);
    await terminal.enter('clear; LC_ALL=C tokenward status; echo code $?');
    const folded = await terminal.shows('code 0');
    expect(folded).toMatch(/^o web-02 +unprovisioned +none\n +> tokenward enroll web-02$/m);
    expect(Math.max(...folded.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('follows a rotation, a new size, and the end and return of the daemon, and leaves the terminal as it was', async () => {
    await using site = await Installation.create();
    await site.provision();
    const first = site.run();
    await site.reaches({ state: 'active' });

    await using terminal = await terminalFor(site, wide);
    const before = await terminal.modes();
    await terminal.enter('tokenward status --watch; echo code $?');
    await terminal.shows(/^● web-01: active.*\n +Token: valid .*, number 1\n/);
    expect(await terminal.modes()).toEqual({ cursor: false, alternate: true, wraps: false });

    expect((await site.cli(['refresh', 'web-01'])).exitCode).toBe(0);
    await terminal.shows(/number 2$[^]*generation 2/m);

    await terminal.resize(narrow.columns, narrow.rows);
    await terminal.shows(/^● web-01: active, a valid token,\n {2}refreshed ahead of its end$/m);

    await first.end('SIGTERM');
    const alone = await terminal.shows(/^no daemon answers since [^]*no process holds it/);
    expect(alone).toMatch(/Token: valid .*number 2/);
    expect(alone.replaceAll(/\s+/g, '')).toContain(`${site.tokenFile}holdsthistoken`);
    expect(alone).toContain('Do: systemctl start tokenward');

    site.run();
    await terminal.shows(/^● web-01: active/);

    await terminal.press('C-c');
    const after = await terminal.shows('code 0');
    expect(await terminal.modes()).toEqual(before);
    // what was there before is there again, and the last frame below it
    expect(after).toMatch(/^\$ tokenward status --watch; [^]*● web-01: active[^]*code 0\n\$$/);
  });

  it('can be put aside with Ctrl-Z and is ended by q, with every agent that fits', async () => {
    const many = Object.fromEntries(Array.from({ length: 29 }, (_, at) => [`web-${at + 10}`, {}]));
    await using site = await Installation.create({ config: { agents: many } });
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });

    await using terminal = await terminalFor(site, narrow);
    await terminal.enter('tokenward status -w');
    const text = await terminal.shows('more agents');
    expect(text.split('\n').length).toBeLessThanOrEqual(narrow.rows);
    expect(text).toMatch(/^30 agents: 29 unprovisioned, 1/);

    await terminal.press('C-z');
    await terminal.shows('Stopped');
    expect(await terminal.modes()).toEqual({ cursor: true, alternate: false, wraps: true });
    await terminal.enter('fg');
    await terminal.shows(/^30 agents/);
    await terminal.press('q');
    // all of them, beyond the screen, and the prompt
    await terminal.shows(/^● web-01 +active +valid \d+m\n\$$/m);
    expect(await terminal.modes()).toEqual({ cursor: true, alternate: false, wraps: true });
    await terminal.enter('echo code $?');
    await terminal.shows('code 0');
  });
});
