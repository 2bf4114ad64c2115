import { inject } from 'vitest';
import { runVariable } from './product-image.ts';

// For `docker` and for testcontainers alike.
const host = inject('dockerHost');
if (host !== '') process.env['DOCKER_HOST'] = host;
// Its reaper is an image of a registry. What a killed run leaves is removed by the next one, with the daemon's start.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
process.env[runVariable] = inject('run');
