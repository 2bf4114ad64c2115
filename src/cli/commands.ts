import { alertsCommand } from './alerts.ts';
import { checkCommand } from './check.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion.ts';
import { credentialsCommand } from './credentials.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { emulatorCommand } from './emulator.ts';
import { enrollCommand } from './enroll.ts';
import { importCommand } from './import.ts';
import { installSystemdCommand } from './install-systemd.ts';
import { recoverCommand } from './recover.ts';
import { refreshCommand } from './refresh.ts';
import { rekeyCommand } from './rekey.ts';
import { runCommand } from './run.ts';
import { secretsCommand } from './secrets.ts';
import { statusCommand } from './status.ts';
import { tokenCommand } from './token.ts';
import { tokensCommand } from './tokens.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  runCommand,
  checkCommand,
  doctorCommand,
  enrollCommand,
  importCommand,
  statusCommand,
  tokenCommand,
  refreshCommand,
  recoverCommand,
  rekeyCommand,
  secretsCommand,
  credentialsCommand,
  tokensCommand,
  alertsCommand,
  installSystemdCommand,
  emulatorCommand,
  demoCommand,
  completionCommand,
];
