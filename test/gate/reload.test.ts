/** Rules and users of files, in a running server: read again by SIGHUP and over HTTP, all or none of them. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const folder = makeTempDir('rules');
const rulesFile = join(folder.path, 'rules.toml');
const queryLog = join(folder.path, 'queries.log');
const configFile = join(folder.path, 'sluice.toml');
const ROOT = '[[users]]\nname = "root"\npassword = "secret"\n';

let server: SluiceServer;

beforeAll(async () => {
  writeFileSync(configFile, ROOT);
  writeRule('no-ones', 'SELECT 1 AS one');
  server = await startSluice({ args: ['--config', configFile, '--rules-file', rulesFile, '--query-log', queryLog] });
});

afterAll(async () => {
  await server.stop();
  folder.remove();
});

function writeRule(name: string, text: string): void {
  writeFileSync(rulesFile, `[[rules]]\nname = "${name}"\npattern = '^${text.replace('1', '\\?')}$'\naction = "fail"\n`);
}

async function ask(path: string, body: object, who = 'root:secret'): Promise<string> {
  const authorization = `Basic ${Buffer.from(who).toString('base64')}`;
  const response = await fetch(server.httpUrl + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization },
  });
  return response.text();
}

const one = (): Promise<string> => ask('/v1/sql', { sql: 'SELECT 1 AS one' });
const two = (): Promise<string> => ask('/v1/sql', { sql: 'SELECT 1 AS two' });

describe('files that are read again', () => {
  it('by SIGHUP: other rules and users hold, the server goes on', async () => {
    expect(await one()).toContain("Refused by rule 'no-ones'");
    expect(await two()).toContain('"rows":[{"two":1}]');
    writeRule('no-twos', 'SELECT 1 AS two');
    writeFileSync(configFile, `${ROOT}[[users]]\nname = "web"\npassword = "w"\nrole = "reader"\n`);
    process.kill(server.pid, 'SIGHUP');
    while (!(await two()).includes('no-twos')) await sleep(20);
    expect(await one()).toContain('"rows":[{"one":1}]');
    expect(await ask('/v1/sql', { sql: 'SELECT 7 AS n' }, 'web:w')).toContain('"rows":[{"n":7}]');
    expect(await ask('/v1/sql', { sql: 'CREATE DATABASE x' }, 'web:w')).toContain('ER_DBACCESS_DENIED_ERROR');
  });

  it('over HTTP; a mistake is told by its rule, and nothing changes', async () => {
    writeFileSync(rulesFile, '[[rules]]\nname = "broken"\naction = "explode"\n');
    expect(await ask('/v1/config/reload', {})).toContain('rule \\"broken\\": action must be one of');
    expect(await two()).toContain('no-twos');
    // Logs are opened anew all the same.
    renameSync(queryLog, `${queryLog}.1`);
    process.kill(server.pid, 'SIGHUP');
    while (!existsSync(queryLog)) await sleep(20);
    expect(await two()).toContain('no-twos');
    writeFileSync(rulesFile, '');
    expect(await ask('/v1/config/reload', {})).toBe('{"reloaded":true}');
    expect(await two()).toContain('"rows":[{"two":1}]');
  });
});
