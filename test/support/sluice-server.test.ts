import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlive } from './server-process.ts';
import { startSluice } from './sluice-server.ts';
import { makeTempDir } from './temp-dir.ts';

describe('startSluice', () => {
  it('starts a server that answers, and leaves neither processes nor files', async () => {
    const server = await startSluice();
    const pids = server.groupPids();
    expect(pids).toContain(server.pid);
    expect((await fetch(`${server.httpUrl}/healthz`)).status).toBe(200);
    expect(existsSync(server.dataDir)).toBe(true);

    expect(await server.stop()).toBe(0);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(existsSync(server.dataDir)).toBe(false);
  });

  it('kills all its processes, and starts again on the data that they left', async () => {
    const dir = makeTempDir('again');
    const dataDir = join(dir.path, 'data');
    const first = await startSluice({ dataDir });
    const pids = first.groupPids();
    await first.kill9();
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);

    const second = await startSluice({ dataDir, ports: first });
    expect(second.mysqlPort).toBe(first.mysqlPort);
    expect(await second.stop()).toBe(0);
    expect(existsSync(dataDir)).toBe(true);
    dir.remove();
  });
});
