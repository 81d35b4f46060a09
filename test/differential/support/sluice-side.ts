import { asFailure } from '../../../src/errors.ts';
import { LocalGate } from '../../../src/gate/gate.ts';
import type { GateSession } from '../../../src/gate/session.ts';
import { openEmbeddedStore } from '../../../src/processes/open-store.ts';
import type { SlotValue } from '../../../src/sql/slots.ts';
import { family } from '../../../src/sql/types.ts';
import { textFormatter } from '../../../src/sql/values/format.ts';
import { VariableStore } from '../../../src/sql/variables/variable-store.ts';
import type { ColumnType } from '../../../src/stores/column-type.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { type Answer, cellText, type ParameterValue, type Side } from './answer.ts';
import { SQL_MODE } from './mariadb-side.ts';

export interface EmbeddedGate {
  openSession(): GateSession;
  /** Resolves when no list is being built to be kept. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** A gate over a store in this process, with an empty database `d`. */
export async function embeddedGate(): Promise<EmbeddedGate> {
  const dir = makeTempDir('embedded');
  const store = openEmbeddedStore({ directory: dir.path, synchronous: 'NORMAL', lockWaitTimeoutMs: 1_000 });
  const log = { error: reportUnexpected, warn: reportUnexpected, info: () => undefined };
  const gate = new LocalGate({
    store,
    variables: new VariableStore({}),
    accounts: [],
    tcsqlTable: 'main.feed',
    listsMemoryBytes: 64 * 1024 * 1024,
    // Every list that is asked for twice is answered from memory.
    keepListsAfter: 1,
    log,
  });
  const openSession = () => gate.openSession({ user: 'root', host: '127.0.0.1', protocol: 'embedded' });
  const first = openSession();
  await first.execute({ kind: 'sql', text: 'CREATE DATABASE IF NOT EXISTS d' });
  first.close();
  return {
    openSession,
    settled: () => gate.kept.settled(),
    async close() {
      gate.close();
      await store.close();
      dir.remove();
    },
  };
}

function reportUnexpected(...args: unknown[]): void {
  if (process.env.SLUICE_TEST_VERBOSE !== undefined) console.error(...args);
}

/** Sluice in this process. */
export async function sluiceSide(): Promise<Side> {
  const gate = await embeddedGate();
  const session = gate.openSession();
  await runIn(session, 'USE d');
  await runIn(session, `SET SESSION sql_mode = '${SQL_MODE}'`);
  return {
    name: 'Sluice',
    run: async (sql, parameters) => {
      const answer = await runIn(session, sql, parameters);
      if (!/^\s*SELECT\b/i.test(sql) || sql.includes(':=')) return answer;
      // Asked again, a list is answered from memory: it must be the same.
      await gate.settled();
      return runIn(session, sql, parameters);
    },
    close: () => gate.close(),
  };
}

/** Runs one statement to its end. */
export async function runIn(
  session: GateSession,
  sql: string,
  parameters?: readonly ParameterValue[],
): Promise<Answer> {
  try {
    const outcome = await session.execute(
      parameters === undefined
        ? { kind: 'sql', text: sql }
        : { kind: 'prepared', statement: session.prepare(sql), parameters: parameters.map(slotOf) },
    );
    if (outcome.kind === 'ok')
      return { kind: 'ok', affected: outcome.affectedRows, insertId: String(outcome.insertId) };
    if (outcome.kind !== 'rows' && outcome.kind !== 'stream') throw new Error(`a statement gave '${outcome.kind}'`);
    const rows: StoreRow[] = [];
    if (outcome.kind === 'rows') rows.push(...outcome.rows);
    else for await (const chunk of outcome.chunks) rows.push(...chunk);
    const formats = outcome.columns.map((column) => textFormatter(column.type));
    const columns = outcome.columns.map(({ name, type }) => ({ name, type: typeText(type) }));
    return {
      kind: 'rows',
      columns,
      rows: rows.map((row) => row.map((value, i) => cellText(formats[i]?.(value) ?? null))),
    };
  } catch (error) {
    const known = asFailure(error);
    return { kind: 'error', errno: known.errno, message: known.message };
  }
}

/** As mysql2 sends them: whole numbers arrive as integers. */
function slotOf(value: ParameterValue): SlotValue {
  if (value === null) return { type: { kind: 'null' }, value };
  if (typeof value === 'string') return { type: { kind: 'string' }, value };
  return { type: Number.isInteger(value) ? { kind: 'int', unsigned: false } : { kind: 'double' }, value };
}

function typeText(type: ColumnType): string {
  const f = family(type);
  if (f === 'decimal') return `decimal(${type.scale ?? 0})`;
  if (type.name === 'bit') return 'bit';
  return f === 'string' || f === 'enum' || f === 'set' || f === 'json' ? 'text' : f;
}
