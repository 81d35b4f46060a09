/** A key command of HTTP's: what the gate runs for it, and the JSON that its result becomes. */
import { failure } from '../../errors.ts';
import type { BatchCommand, BatchResult } from '../../keys/batch-plan.ts';
import type { KeyCommand, SingleKeyCommand } from '../../keys/command.ts';
import { MAX_RESULT_ROWS_HTTP } from '../../limits.ts';
import { JsonMembers } from './json-members.ts';
import { versionsDiffer } from './key-conditions.ts';
import { outcomesJson, resultJson } from './key-json.ts';
import { readOperation } from './key-operations.ts';

export interface KeyRequest {
  readonly command: KeyCommand;
  /** Throws what the result says is wrong. */
  json(result: unknown): string;
}

/** Operations of one batch: as many as statements of SQL. */
const BATCH_OPERATIONS_MAX = 10_000;

export function singleRequest(command: SingleKeyCommand): KeyRequest {
  return { command: limited(command), json: (result) => resultJson(command, checked(command, result)) };
}

/** `operations`, and `expect`: versions by key, 0 where there must be none. */
export function batchRequest(members: JsonMembers, atomic: BatchCommand['atomic']): KeyRequest {
  const list = members.array('operations', 'operations, as {"op": "add", "key": "hits", "n": 1}');
  if (list.length > BATCH_OPERATIONS_MAX) throw members.wrong(`operations: more than ${BATCH_OPERATIONS_MAX}`);
  const asked = list.map((each, i) => readOperation(new JsonMembers(each, `operations[${i}]: `), `operations[${i}]: `));
  const command: BatchCommand = { op: 'batch', commands: asked.map(limited), atomic, expect: readExpect(members) };
  const json = (result: unknown): string => {
    const { done, outcomes } = result as BatchResult;
    if (!done) throw versionsDiffer();
    for (const [i, outcome] of outcomes.entries()) if ('value' in outcome) checked(asked[i]!, outcome.value);
    return outcomesJson(outcomes, asked);
  };
  return { command, json };
}

function readExpect(members: JsonMembers): { key: string; version: number }[] {
  if (!members.has('expect')) {
    members.any('expect');
    return [];
  }
  const expect = new JsonMembers(members.any('expect'), 'expect: ');
  return expect.names().map((key) => ({ key, version: expect.number(key, 'a version') }));
}

/** Without a limit of its own a find may find as many as a result of SQL has rows; more is an error, never a silent cut. */
function limited(command: SingleKeyCommand): SingleKeyCommand {
  if (!isUnlimited(command)) return command;
  return { ...command, options: { ...command.options, limit: MAX_RESULT_ROWS_HTTP } };
}

function checked(command: SingleKeyCommand, result: unknown): unknown {
  if (isUnlimited(command) && (result as { readonly cursor: string | null }).cursor !== null)
    throw failure('SLUICE_ROW_LIMIT', MAX_RESULT_ROWS_HTTP);
  return result;
}

function isUnlimited(command: SingleKeyCommand): command is Extract<SingleKeyCommand, { op: 'find' | 'findKeys' }> {
  return (command.op === 'find' || command.op === 'findKeys') && command.options?.limit === undefined;
}
