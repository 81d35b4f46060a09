/** docs/gate.md against the kinds of plans, the pages of status, the settings and the tests that there are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SERVE_OPTIONS } from '../../src/config.ts';
import { embeddedOperations } from '../../src/gate/embedded-operations.ts';
import { RULE_ACTIONS } from '../../src/gate/protection/rule.ts';
import { SourceVariables } from '../../src/gate/source/source-options.ts';
import { PLAN_KINDS } from '../../src/gate/statement-facts.ts';
import { TestGate } from '../../src/gate/testing.suite.ts';
import { GATE_SETTINGS, variableOf } from '../../src/gate-options.ts';
import { VariableStore } from '../../src/sql/variables/variable-store.ts';
import { PROJECT_DIR } from '../structure/sources.ts';
import { readPage, tableBelow } from './page.ts';

const text = readPage('docs/gate.md');
const inFrontText = readPage('docs/source.md');

describe('docs/gate.md', () => {
  it('has a test for each feature, and settings that there are', () => {
    const rows = tableBelow(text, 'Features');
    expect(rows.length).toBeGreaterThan(10);
    const isThere = (test: string): boolean => /\.test\.ts$/.test(test) && existsSync(join(PROJECT_DIR, test));
    expect(rows.filter(([, , , tests = '']) => !tests.split(', ').every(isThere)).map(([name]) => name)).toEqual([]);
    const known = [...SERVE_OPTIONS.map(({ flag }) => flag.replaceAll('-', '_')), 'users', 'rules', 'table_access'];
    const named = rows.flatMap(([, settings = '']) => settings.split(', ').filter((name) => name !== ''));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('lists the kinds of plans and the actions of rules', () => {
    expect(tableBelow(text, 'Plans').map(([kind]) => kind)).toEqual(PLAN_KINDS);
    for (const action of RULE_ACTIONS) expect(text).toContain(`| \`${action}\``);
  });

  it('lists the pages of status', async () => {
    const gate = new TestGate();
    const { pages } = embeddedOperations(gate.gate, () => Promise.resolve());
    await gate.close();
    expect(
      tableBelow(text, 'What can be seen')
        .map(([page]) => page)
        .sort(),
      // The last is in front of a source alone.
    ).toEqual([...pages, 'lists', 'mirror'].sort());
  });
});

describe('settings of the gate', () => {
  it('are the same as options and as variables, before the embedded store and in front of a source', () => {
    const store = new VariableStore();
    const inFront = new SourceVariables();
    for (const setting of GATE_SETTINGS) {
      const variable = variableOf(setting);
      if (setting.embedded !== null) {
        expect([variable, store.get(variable)]).toEqual([variable, setting.embedded.default]);
        for (const value of [setting.embedded.min, setting.embedded.max]) {
          expect(store.set(variable, value)).toEqual([]);
          expect(store.get(variable)).toBe(value);
        }
      }
      if (setting.inFront !== null) {
        const { words } = setting;
        const shown = (number: number): number | string => words?.[number] ?? number;
        expect([variable, inFront.config()[variable]]).toEqual([variable, shown(setting.inFront.default)]);
        for (const value of [setting.inFront.min, setting.inFront.max].map(shown)) {
          inFront.setAll([[variable, value]]);
          expect(inFront.config()[variable]).toBe(value);
        }
      }
    }
  });

  it('in front of a source are listed in docs/source.md, with their defaults', () => {
    const expected = GATE_SETTINGS.flatMap(({ name, words, inFront, ofSession }) =>
      inFront === null
        ? []
        : [[`${name}${ofSession ? ' *' : ''}`, String(words?.[inFront.default] ?? inFront.default)]],
    );
    const listed = tableBelow(inFrontText, 'Settings').map(([name = '', value]) => [name.replaceAll('`', ''), value]);
    expect(listed).toEqual(expected);
  });
});
