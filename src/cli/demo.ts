import { loadConfig } from '../config/load.ts';
import { defineCommand } from './command.ts';
import type { Narrator } from './demo/narrator.ts';
import type { Stage } from './demo/stage.ts';
import type { Story } from './demo/story.ts';
import { endSignal } from './end-signal.ts';
import type { Program } from './program.ts';

export const demoCommand = defineCommand({
  usage: 'demo',
  summary: 'see the whole product work, in half a minute',
  description: `Starts a log server over HTTPS, enrols an agent, runs the daemon, fetches a token, rotates,
kills the daemon and restarts it, sends log events, revokes the secret and enrols again.
Everything happens on this host, in a folder of its own, and nothing is left behind. No
configuration is needed.`,
  positionals: {},
  options: {
    keep: {
      type: 'boolean',
      default: false,
      describe: 'leave it all running at the end, and print what to try',
    },
  },
  examples: [
    ['demo', 'the whole story'],
    ['demo --keep', 'and then something to play with, until Ctrl-C'],
  ],
  run: async ({ keep }, program) => {
    const { setStage } = await import('./demo/stage.ts');
    const { Narrator: Voice } = await import('./demo/narrator.ts');
    const { Story: Tale } = await import('./demo/story.ts');
    const { terminalStyle } = await import('./terminal-style.ts');
    // before anything is made that has to be taken away again
    const interrupted = endSignal();
    await using stage = await setStage((configFile) => isKeychainReachable(configFile, program));
    const narrator = new Voice(terminalStyle(process.stdout, program.env));
    const story = new Tale(stage, narrator);
    try {
      await Promise.race([tell(story, narrator, keep), interrupted]);
      if (keep) {
        whatToTry(stage, narrator);
        await interrupted;
      }
    } finally {
      await story.end();
      await tidyUp(stage, program);
    }
  },
});

async function tell(story: Story, narrator: Narrator, keep: boolean): Promise<void> {
  story.server();
  await story.enroll();
  await story.start();
  await story.fetchToken();
  await story.rotate();
  await story.kill();
  await story.ingest();
  await story.revoke();
  await story.enrollAgain();
  if (!keep) await story.end();
  narrator.summary();
}

/** Asks the keychain with the configuration that would use it. */
async function isKeychainReachable(configFile: string, program: Program): Promise<boolean> {
  const { keychainAnswers } = await import('../operator.ts');
  return keychainAnswers(hostOptions(configFile, program));
}

/** The folder goes with the stage; what was put into the keychain has to be taken out. */
async function tidyUp({ store, agent, configFile }: Stage, program: Program): Promise<void> {
  if (store !== 'keychain') return;
  const { forgetKeychainItems } = await import('../operator.ts');
  await forgetKeychainItems({ ...hostOptions(configFile, program), agent });
}

function hostOptions(configFile: string, { env, keychainProgram }: Program) {
  const config = loadConfig(configFile, { env, uid: process.geteuid?.() ?? 0 });
  return { config, env, keychainProgram };
}

function whatToTry({ agent, configFile, socket, emulator, caFile }: Stage, narrator: Narrator): void {
  narrator.say(
    'Everything is still running. In another terminal:',
    '',
    `export TOKENWARD_CONFIG=${configFile}`,
    'tokenward status',
    `tokenward refresh ${agent}`,
    `curl --silent --unix-socket ${socket} http://localhost/v1/agents/${agent}/token`,
    `curl --silent --cacert ${caFile} ${emulator.url}/_emulator/state`,
    '',
    'Ctrl-C ends it, and nothing is left behind.',
  );
}
