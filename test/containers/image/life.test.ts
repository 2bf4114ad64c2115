import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { systemdImage } from '../support/base-images.ts';
import { ContainerSite } from '../support/container-site.ts';
import { describeContainers } from '../support/docker.ts';

/** Everything here runs with a root that cannot be written, without capabilities, as user 10001. */
describeContainers('a daemon in a container', () => {
  it('goes from its start to a token, and serves it to a container of another user', async () => {
    await using site = await ContainerSite.create();
    await site.provision();
    await using daemon = await site.run();
    const token = await site.token(daemon);
    const image = await systemdImage(); // which has curl
    expect(JSON.parse(await site.curl('/v1/token', { image }))).toMatchObject({ access_token: token });
    await expect(site.curl('/v1/token', { image, user: '5151:5151' })).rejects.toThrow(/"status":403/);
    expect(await daemon.inspect('{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}')).toBe('10001:10001 true');
  });

  it('gets its first secret while it runs', async () => {
    await using site = await ContainerSite.create();
    await using daemon = await site.run();
    await daemon.exec(['tokenward', 'import', 'web-01'], site.emulator.createSecret('web-01'));
    await expect(site.token(daemon)).resolves.not.toBe('');
    expect(site.exchanges).toBe(1);
  });

  it('ends at SIGTERM in good order, within the time that Docker gives by default', async () => {
    await using site = await ContainerSite.create();
    await site.provision();
    await using daemon = await site.run();
    await site.token(daemon);
    await daemon.signal('SIGTERM');
    expect(await daemon.ended()).toBe(0);
    expect((await daemon.log()).at(-1)).toMatchObject({ event: 'stopped' });
  });

  it('after SIGKILL serves the same token from its volume, without an exchange', async () => {
    await using site = await ContainerSite.create();
    await site.provision();
    await using daemon = await site.run();
    const token = await site.token(daemon);
    await daemon.signal('SIGKILL');
    expect(await daemon.ended()).toBe(137);
    await daemon.startAgain();
    expect(await site.token(daemon)).toBe(token);
    // and a new container on the same volume, as after an upgrade
    await daemon.signal('SIGTERM');
    await daemon.ended();
    await using successor = await site.run();
    expect(await site.token(successor)).toBe(token);
    expect(site.exchanges).toBe(1);
  });

  it('of two on one volume one holds the agent, and the other takes over at its end', async () => {
    await using site = await ContainerSite.create();
    await site.provision();
    await using holder = await site.run();
    const token = await site.token(holder);
    await using standby = await site.run({ until: 'standby' });
    expect(await standby.inspect('{{.State.Running}}')).toBe('true');
    await holder.signal('SIGKILL');
    await standby.logged('started');
    expect(await site.token(standby)).toBe(token);
    expect(site.exchanges).toBe(1);
  });

  it('is healthy although the log server is away', async () => {
    await using site = await ContainerSite.create();
    await site.emulator.pause();
    await using daemon = await site.run();
    await eventually(async () => expect(await daemon.inspect('{{.State.Health.Status}}')).toBe('healthy'), {
      withinMs: 60_000,
      everyMs: 500,
    });
    const readiness = daemon.exec(['healthcheck', '/run/tokenward/tokenward.sock', '/readyz']);
    await expect(readiness).rejects.toThrow('/readyz HTTP/1.1 503');
  });
});
