/** redis-cli and redis-benchmark, unmodified. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCommand } from '../support/redis-connection.ts';
import { runCommand, tryCommand } from '../support/run-command.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest({ redis: true });
});
afterAll(() => server?.stop());

const at = (...args: string[]): string[] => ['-h', '127.0.0.1', '-p', String(server.redisPort), ...args];

async function cli(input: string | Buffer, ...args: string[]): Promise<string> {
  return (await runCommand('redis-cli', at(...args), { input })).stdout;
}

describe('redis-cli', () => {
  it('one command', async () => {
    expect(await cli('', 'SET', 'a', '1')).toBe('OK\n');
    expect(await cli('', '-3', 'HSET', 'h', 'f', 'v')).toBe('1\n');
    expect(await cli('', '--json', 'HGETALL', 'h')).toBe('{"f":"v"}\n');
    expect(await cli('', '--no-raw', 'MGET', 'a', 'b')).toBe('1) "1"\n2) (nil)\n');
  });

  it('commands from its standard input', async () => {
    expect(await cli('SET "two words" "a\\nb"\nGET "two words"\nNOSUCH x\nPING\n')).toBe(
      "OK\na\nb\nERR unknown command 'NOSUCH', with args beginning with: 'x' \n\nPONG\n",
    );
  });

  it('interactively, on a terminal', async () => {
    const session = 'SET typed 5\nINCR typed\nHELP GET\nMULTI\nINCR typed\nEXEC\nSUBSCRIBE\nQUIT\n';
    const command = `redis-cli ${at().join(' ')}`;
    const { stdout } = await runCommand('script', ['-qec', command, '/dev/null'], {
      input: session,
      env: { TERM: 'dumb' },
      timeoutMs: 60_000,
    });
    expect(stdout).toMatch(/\(integer\) 6/);
    expect(stdout).toMatch(/QUEUED/);
    expect(stdout).toMatch(/1\) \(integer\) 7/);
    expect(stdout).toMatch(/ERR wrong number of arguments for 'subscribe' command/);
  });

  it('--pipe takes a mass of commands', async () => {
    const commands = Array.from({ length: 20_000 }, (_, i) => encodeCommand(['SET', `mass:${i}`, `value ${i}`]));
    const input = Buffer.concat([...commands, encodeCommand(['INCR', 'mass:0'])]);
    const { stdout, code } = await tryCommand('redis-cli', at('--pipe'), { input });
    // It counts errors as its own.
    expect(code).toBe(1);
    expect(stdout).toMatch(/errors: 1, replies: 20001/);
    expect(await cli('', 'GET', 'mass:19999')).toBe('value 19999\n');
  });

  it('--scan and --bigkeys go over all keys', async () => {
    const scanned = await cli('', '--scan', '--pattern', 'mass:1999*');
    expect(scanned.trim().split('\n')).toHaveLength(11);
  });
});

/** The rest of its default set needs lists, sets and sorted sets. */
const BENCHMARKS = ['ping_inline', 'ping_mbulk', 'set', 'get', 'incr', 'hset', 'mset'];

describe('redis-benchmark', () => {
  it.each([1, 16])(`${BENCHMARKS.join(', ')}, pipeline %i`, async (pipeline) => {
    const args = ['-t', BENCHMARKS.join(','), '-n', '2000', '-r', '100', '-P', String(pipeline), '--csv'];
    const { stdout, stderr } = await tryCommand('redis-benchmark', at(...args), {});
    const tests = stdout.trim().split('\n').slice(1);
    expect(tests, stderr).toHaveLength(BENCHMARKS.length);
    expect(stdout + stderr).not.toMatch(/error/i);
    expect(Number(await cli('', 'GET', `counter:${'0'.repeat(12)}`))).toBeGreaterThan(0);
  });
});
