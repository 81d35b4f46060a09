import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';

const SPECS = [
  { flag: 'mysql-port', placeholder: 'PORT' },
  { flag: 'data', placeholder: 'DIR' },
  { flag: 'demo', placeholder: null },
];

describe('the command line', () => {
  it.each<[string, Record<string, string | boolean>, string[]]>([
    ['', {}, []],
    ['--mysql-port 3307 --demo', { 'mysql-port': '3307', demo: true }, []],
    ['--mysql-port=3307 --no-demo', { 'mysql-port': '3307', demo: false }, []],
    ['--demo=false file', { demo: 'false' }, ['file']],
    ['- --data -x', { data: '-x' }, ['-']],
    ['--data= a -- --demo', { data: '' }, ['a', '--demo']],
  ])('%j', (line, flags, words) => {
    const parsed = parseArguments(
      line.split(' ').filter((arg) => arg !== ''),
      SPECS,
    );
    expect([Object.fromEntries(parsed.flags), parsed.words]).toEqual([flags, words]);
  });

  it.each([
    ['--mysqlport 3307', 'unknown flag --mysqlport; did you mean --mysql-port?'],
    ['-demo', 'unknown flag -demo; did you mean --demo?'],
    ['--verbose', 'unknown flag --verbose'],
    ['--data', '--data needs a value: --data DIR'],
    ['--data --demo', '--data needs a value: --data DIR'],
    ['--demo --no-demo', '--demo is given twice'],
    ['--no-data', 'unknown flag --no-data'],
  ])('%j: %s', (line, message) => {
    expect(() => parseArguments(line.split(' '), SPECS)).toThrow(new UsageError(message));
  });
});
