import { filmPicture } from './film-picture.ts';
import { filmOf } from './film.ts';
import { openStudio } from './studio.ts';

const size = { columns: 116, rows: 28 };

/** `tokenward demo`, from the command to its summary. */
export async function recordDemo(): Promise<string> {
  await using studio = await openStudio(size);
  const { terminal, camera } = studio;
  camera.start();
  await terminal.enter('tokenward demo');
  await terminal.shows(/What was shown\n[^]*new enrolment .*\n+\$$/);
  const frames = await camera.stop();
  return filmPicture(filmOf(frames), {
    ...size,
    name: 'tokenward demo',
    title: 'tokenward demo, recorded',
    description:
      'A terminal in which tokenward demo enrols an agent, serves its token, rotates twice, survives SIGKILL without an exchange, sends log events, meets a revoked secret, and enrols again.',
  });
}
