/** Information functions: all of them constants of the session. Source: MySQL manual, "Information Functions". */
import { randomInt } from 'node:crypto';
import { failure } from '../../errors.ts';
import type { ExecutionContext } from '../context.ts';
import { constantTerm } from '../planner/constants.ts';
import { convertTo } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { type Term, term } from '../planner/term.ts';
import type { SlotValue } from '../slots.ts';
import { BIGINT, BIGINT_UNSIGNED, DOUBLE, isBinaryCollation, isTextual, varchar } from '../types.ts';
import { type FunctionDefinition, special } from './definition.ts';

function text(name: string, read: (execution: ExecutionContext) => string | null): FunctionDefinition[] {
  return special(name, 0, 0, (context) =>
    constantTerm(context, varchar(288), (execution) => ({ type: { kind: 'string' }, value: read(execution) }), true),
  );
}

function integer(name: string, read: (execution: ExecutionContext) => number | bigint): FunctionDefinition[] {
  return special(name, 0, 0, (context) => constantTerm(context, BIGINT, (execution) => integerSlot(read(execution))));
}

function integerSlot(value: number | bigint): SlotValue {
  return { type: { kind: 'int', unsigned: false }, value };
}

/** With an argument the value is remembered: the store tells the session of it, which only writes have. */
function lastInsertId(context: PlanContext, args: readonly Term[]): Term {
  const value = args[0];
  if (value === undefined)
    return constantTerm(context, BIGINT_UNSIGNED, ({ session }) => integerSlot(session.lastInsertId));
  if (!context.assigns)
    throw failure('ER_NOT_SUPPORTED_YET', 'LAST_INSERT_ID(expression) outside of INSERT and UPDATE');
  const sql = `sluice_last_insert_id(${convertTo(context, value, BIGINT).sql})`;
  return term(sql, BIGINT_UNSIGNED, value.nullable, args);
}

export const INFORMATION_FUNCTIONS: readonly FunctionDefinition[] = [
  ...['DATABASE', 'SCHEMA'].flatMap((name) => text(name, (execution) => execution.session.database)),
  ...['USER', 'CURRENT_USER', 'SESSION_USER', 'SYSTEM_USER'].flatMap((name) =>
    text(name, ({ session }) => `${session.user}@${session.host}`),
  ),
  ...text('VERSION', (execution) => String(execution.session.variable('version'))),
  ...integer('CONNECTION_ID', (execution) => execution.session.connectionId),
  ...special('LAST_INSERT_ID', 0, 1, lastInsertId),
  ...integer('ROW_COUNT', (execution) => execution.session.rowCount),
  ...integer('FOUND_ROWS', (execution) => execution.session.foundRows),
  ...special('CHARSET', 1, 1, (context, args) =>
    constantTerm(context, varchar(64), () => ({
      type: { kind: 'string' },
      value: isTextual((args[0] as Term).type) && (args[0] as Term).type.collation !== 'binary' ? 'utf8mb4' : 'binary',
    })),
  ),
  ...special('COLLATION', 1, 1, (context, args) => {
    const type = (args[0] as Term).type;
    const name = !isTextual(type)
      ? 'binary'
      : isBinaryCollation(type)
        ? (type.collation ?? 'binary')
        : (type.collation ?? 'utf8mb4_0900_ai_ci');
    return constantTerm(context, varchar(64), () => ({ type: { kind: 'string' }, value: name }));
  }),
  ...special('COERCIBILITY', 1, 1, () => {
    throw failure('ER_NOT_SUPPORTED_YET', 'COERCIBILITY()');
  }),
  ...special(
    'SLEEP',
    1,
    1,
    (context, args) => term(`sluice_sleep(${convertTo(context, args[0] as Term, DOUBLE).sql})`, BIGINT, false, args),
    [{ name: 'sluice_sleep', deterministic: false, call: (seconds) => sleep(Number(seconds)) }],
  ),
  ...special('UUID_SHORT', 0, 0, () => term('sluice_uuid_short()', BIGINT_UNSIGNED, false), [
    {
      name: 'sluice_uuid_short',
      deterministic: false,
      call: () => (BigInt(Date.now()) << 20n) | BigInt(randomInt(1 << 20)),
    },
  ]),
];

/** Blocks its process: statements with SLEEP always run in a reader. */
function sleep(seconds: number): bigint {
  if (seconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
  return 0n;
}
