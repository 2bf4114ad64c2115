import { inject } from 'vitest';

// For `docker` and for testcontainers alike.
const host = inject('dockerHost');
if (host !== '') process.env['DOCKER_HOST'] = host;
// Its reaper is an image of a registry. What a killed run leaves is removed by the next one, with the daemon's start.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
