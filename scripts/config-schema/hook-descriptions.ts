import { type Description, text } from './description.ts';
import { tlsDescriptions } from './tls-descriptions.ts';

/** The keys of `hooks` of an agent, as in {@link descriptions}. */
export const hookDescriptions: Readonly<Record<string, Description>> = {
  '.agents.*.hooks': text(
    'What is done when a new token is in all files, in this order, and again until it succeeds (docs/hooks.md). Nothing waits for it.',
  ),
  '.agents.*.hooks[]': text('A hook: `signal`, `http` or `exec`.', {
    signal: 'HUP',
    pid_file: '/run/vector.pid',
  }),
  '.agents.*.hooks[].signal': text(
    'A signal to a process, which `pid_file` or `unit` names. TERM is for programs that somebody starts again.',
  ),
  '.agents.*.hooks[].pid_file': text(
    'The file with the number of the process. Only its owner may write it: root, the user of tokenward, or that of the process.',
    '/run/vector.pid',
  ),
  '.agents.*.hooks[].unit': text(
    'The systemd service whose main process gets the signal, instead of pid_file.',
    'fluent-bit.service',
  ),
  '.agents.*.hooks[].process': text(
    'What the program of that process has to be called, as `ps -o comm` shows it; without it that is not looked at.',
    'vector',
  ),
  '.agents.*.hooks[].http': text('A request; a status of 2xx is success, and no redirect is followed.', {
    url: 'http://127.0.0.1:2020/api/v2/reload',
  }),
  '.agents.*.hooks[].http.method': text('Its method. With POST and PUT it has the body {}.'),
  '.agents.*.hooks[].http.url': text(
    'Its address: https, and http for loopback hosts only.',
    'http://127.0.0.1:2020/api/v2/reload',
  ),
  ...tlsDescriptions('.agents.*.hooks[].http.tls', 'the receiver'),
  '.agents.*.hooks[].exec': text(
    'A program that is started, and its arguments. There is no shell; it is told the agent, the sequence and the files by its environment, and never the token.',
    ['/usr/bin/systemctl', 'reload', 'vector'],
  ),
  '.agents.*.hooks[].exec[]': text('The absolute path of the program, or an argument.'),
  '.agents.*.hooks[].timeout': text(
    'How long one try may take, 1s to 5m; then it is given up, and tried again.',
  ),
};
