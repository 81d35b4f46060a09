/** docs/options.md against the options, commands, variables and limits of the code. */
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { backupCommand } from '../../src/cli/backup.ts';
import { checkCommand } from '../../src/cli/check.ts';
import { importCommand } from '../../src/cli/import.ts';
import { restoreCommand } from '../../src/cli/restore.ts';
import { resolveConfig, SERVE_OPTIONS } from '../../src/config.ts';
import * as limits from '../../src/limits.ts';
import { SLUICE_VARIABLES } from '../../src/sql/variables/definitions/sluice-variables.ts';
import { VariableStore } from '../../src/sql/variables/variable-store.ts';
import { readPage, tableBelow } from './page.ts';

const text = readPage('docs/options.md');

/** Its default depends on the machine; on all but the smallest it is this. */
const READERS_DEFAULT = '2';

describe('docs/options.md', () => {
  it('lists every option of serve, in the order of the help', () => {
    const expected = SERVE_OPTIONS.map(({ flag, placeholder, defaultText }) => {
      const key = flag.replaceAll('-', '_');
      const value = flag === 'readers' ? READERS_DEFAULT : defaultText;
      return [`--${flag}${placeholder === null ? '' : ` ${placeholder}`}`, `SLUICE_${key.toUpperCase()}`, key, value];
    });
    const rows = tableBelow(text, 'Options of serve');
    expect(rows.map((cells) => cells.slice(0, 4))).toEqual(expected);
    expect(rows.filter(([, , , , meaning]) => !meaning)).toEqual([]);
  });

  it.each([importCommand, backupCommand, restoreCommand, checkCommand])('names all flags of $name', (command) => {
    expect(text).toContain(`### sluice ${command.name}\n`);
    const section = text.slice(text.indexOf(`### sluice ${command.name}\n`), text.indexOf('## Variables'));
    const flags = command.flags.map(({ flag, placeholder }) => `\`--${flag} ${placeholder}\``);
    expect(flags.filter((flag) => !section.includes(flag))).toEqual([]);
  });

  it('lists the variables that are its own, and the defaults of those that can be set', () => {
    const settable = tableBelow(text, 'Variables');
    const told = tableBelow(text, 'Variables that only tell').map(([name]) => name);
    expect(told).toEqual(SLUICE_VARIABLES.filter((variable) => variable.readOnly).map(({ name }) => name));
    const own = SLUICE_VARIABLES.filter((variable) => !variable.readOnly).map(({ name }) => name);
    expect(own.filter((name) => !settable.some(([listed]) => listed === name))).toEqual([]);
    const store = new VariableStore();
    for (const [name = '', value] of settable) expect([name, String(store.get(name))]).toEqual([name, value]);
  });

  it('shows a file that serve takes', () => {
    const shown = /```toml\n(.*?)```/s.exec(text)?.[1] ?? '';
    const file = { name: 'sluice.toml', values: parse(shown) };
    const config = resolveConfig({ flags: new Map(), environment: {}, file });
    expect(config).toMatchObject({ data: '/var/lib/sluice', mysqlPort: 3306, users: [{ name: 'app' }] });
  });

  it('lists every maximum', () => {
    const rows = tableBelow(text, 'Limits').map(([, value = '', name = '']) => [
      name,
      Number(value.replace(' bytes', '')),
    ]);
    const expected = Object.entries(limits).filter(([name]) => name.startsWith('MAX_'));
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
  });
});
