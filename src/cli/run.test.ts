import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SERVE_OPTIONS } from '../config.ts';
import { demoCommands } from './demo-commands.ts';
import { loadConfig } from './load-config.ts';
import { run } from './run.ts';

async function sluice(line: string): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const code = await run(
    line.split(' ').filter((arg) => arg !== ''),
    {
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += text;
      },
    },
  );
  return { code, ...written };
}

describe('sluice', () => {
  it('--version is the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await sluice('--version')).toEqual({ code: 0, out: `sluice ${version}\n`, err: '' });
  });

  it.each(['--help', '-h', 'help'])('%s lists the commands', async (line) => {
    const { code, out } = await sluice(line);
    expect([code, out]).toEqual([0, expect.stringMatching(/usage: sluice COMMAND[\s\S]*\n {2}serve /)]);
  });

  it('without a command it says how it is used', async () => {
    expect(await sluice('')).toEqual({ code: 2, out: '', err: expect.stringMatching(/^usage: sluice COMMAND/) });
  });

  it.each(['serve --help', 'serve -h'])('%s tells every flag with its default', async (line) => {
    const { code, out } = await sluice(line);
    expect(code).toBe(0);
    for (const { flag } of SERVE_OPTIONS) expect(out).toContain(`--${flag}`);
    expect(out).toMatch(/--mysql-port PORT +MySQL protocol \(0 = off\) \(3307\)/);
  });

  it.each([
    ['sevre', 'sluice: unknown command sevre; did you mean serve?; `sluice --help` lists them all\n'],
    ['--port 1', 'sluice: the command comes first: sluice COMMAND --port\n'],
    ['serve --dmeo', 'sluice: unknown flag --dmeo; did you mean --demo?\n'],
    ['serve now', 'sluice: serve does not know what to do with now\n'],
    ['serve --config nowhere.toml', /^sluice: nowhere\.toml cannot be read: ENOENT/],
    ['serve --http-port x', 'sluice: --http-port: "x" is not a whole number from 0 to 65535\n'],
  ])('%s is asked wrongly', async (line, err) => {
    expect(await sluice(line)).toEqual({
      code: 2,
      out: '',
      err: typeof err === 'string' ? err : expect.stringMatching(err),
    });
  });
});

describe('the configuration file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-config-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function file(text: string): string {
    const path = join(dir, 'sluice.toml');
    writeFileSync(path, text);
    return path;
  }

  it('is TOML, with users as tables', async () => {
    const path = file('http_port = 8080\nhost = "0.0.0.0"\n\n[[users]]\nname = "root"\npassword = "secret"\n');
    expect(await loadConfig(new Map([['config', path]]), {})).toMatchObject({
      httpPort: 8080,
      host: '0.0.0.0',
      users: [{ name: 'root', password: 'secret' }],
    });
    expect(await loadConfig(new Map(), { SLUICE_CONFIG: path })).toMatchObject({ httpPort: 8080 });
  });

  it('that is none is an error with its place', async () => {
    const path = file('http_port = \n');
    await expect(loadConfig(new Map([['config', path]]), {})).rejects.toThrow(/sluice\.toml: Invalid TOML document/);
  });
});

describe('the demo', () => {
  it('prints a command for each open port', () => {
    const text = demoCommands({ host: '127.0.0.1', users: [] }, { mysql: 3307, http: 3888, redis: 6380 });
    expect(text).toMatch(/ -h 127\.0\.0\.1 -P 3307 -u root -e "SELECT .*" main\n/);
    expect(text).toContain('curl "http://127.0.0.1:3888/?command=select&type=*&where=');
    expect(text).toContain('curl http://127.0.0.1:3888/v1/sql -H');
    expect(text).toContain('  redis-cli -h 127.0.0.1 -p 6380 incr visits\n');
    expect(demoCommands({ host: '127.0.0.1', users: [] }, { mysql: 3307 })).not.toMatch(/curl|redis/);
  });

  it('lets the clients ask for a password', () => {
    const text = demoCommands(
      { host: '0.0.0.0', users: [{ name: 'ann', password: 'x' }] },
      { mysql: 1, http: 2, redis: 3 },
    );
    expect(text).toContain('-h 127.0.0.1 -P 1 -u ann -p -e');
    expect(text).toContain('redis-cli -h 127.0.0.1 -p 3 --user ann --askpass incr visits');
    expect(text).toContain('curl -u ann "http://127.0.0.1:2/');
  });
});
