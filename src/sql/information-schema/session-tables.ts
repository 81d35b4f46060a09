/** What runs now: sessions, variables, counters. */
import type { ExecutionContext } from '../context.ts';
import type { VariableScope } from '../variables/variable.ts';
import { variableText } from '../variables/variable-text.ts';
import { VARIABLES } from '../variables/variables.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { bigintUnsigned, int, longText, type NamedRow, nullable, table, text } from './define.ts';

export function processlistTable(database?: string): VirtualTable {
  const columns = [
    bigintUnsigned('ID'),
    text('USER', 32),
    text('HOST', 261),
    nullable(text('DB')),
    text('COMMAND', 16),
    int('TIME'),
    nullable(text('STATE')),
    nullable(longText('INFO')),
  ];
  const rows = ({ session }: ExecutionContext): NamedRow[] =>
    session.server.processes().map((process) => ({
      ID: process.id,
      USER: process.user,
      HOST: process.host,
      DB: process.database,
      COMMAND: process.command,
      TIME: process.seconds,
      STATE: process.state,
      INFO: process.info,
    }));
  return table(database === undefined ? 'PROCESSLIST' : 'processlist', columns, rows, database);
}

const NAME_AND_VALUE = [text('VARIABLE_NAME'), nullable(text('VARIABLE_VALUE', 1024))];

export function variablesTable(name: string, scope: VariableScope, database?: string): VirtualTable {
  return table(name, NAME_AND_VALUE, (context) => variableRows(context, scope), database);
}

export function statusTable(name: string, database?: string): VirtualTable {
  return table(name, NAME_AND_VALUE, statusRows, database);
}

/** All variables that have a value in this scope, as SHOW VARIABLES prints them. */
export function* variableRows({ session }: ExecutionContext, scope: VariableScope): Generator<NamedRow> {
  for (const definition of VARIABLES) {
    if (scope === 'global' && definition.scope === 'session') continue;
    // SHOW SESSION VARIABLES has the global ones too, which @@session.x would refuse.
    const value = session.variable(definition.name, definition.scope === 'global' ? 'global' : scope);
    yield { VARIABLE_NAME: definition.name, VARIABLE_VALUE: variableText(definition, value) };
  }
}

export function* statusRows({ session }: ExecutionContext): Generator<NamedRow> {
  const counters = [...session.server.statusCounters()].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of counters) yield { VARIABLE_NAME: name, VARIABLE_VALUE: String(value) };
}
