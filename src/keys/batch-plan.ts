/**
 * Several commands as one: one request, one transaction (or, when all of them only read, one snapshot).
 *
 * - `all`: the first failure undoes everything, and is the batch's.
 * - `each`: every command has its own outcome, and one that fails leaves nothing behind while the others stay: what Redis' EXEC does.
 * - `expect`: nothing is done when a key's version is another one by then: what Redis' WATCH does.
 */
import { asFailure, failure, type SerializedFailure } from '../errors.ts';
import type { RedisKeyCommand, SingleKeyCommand } from './command.ts';
import { readEntry } from './entries.ts';
import { checkKey } from './paths.ts';
import type { KeyPlan, KeySteps } from './plan.ts';
import { readSignature } from './redis/key-plans.ts';
import { subtree } from './redis/node.ts';

export interface BatchCommand {
  readonly op: 'batch';
  readonly commands: readonly (SingleKeyCommand | RedisKeyCommand)[];
  readonly atomic: 'all' | 'each';
  readonly expect?: readonly Expectation[];
}

/** version 0: there is no such key. An expired one is none. signature: what redisSignatures gave, which knows hashes too. */
export type Expectation = { readonly key: string } & ({ readonly version: number } | { readonly signature: string });

export type BatchOutcome = { readonly value: unknown } | { readonly failure: SerializedFailure };

export interface BatchResult {
  /** false: an expectation did not hold, and nothing was done. */
  readonly done: boolean;
  /** One for each command: its result (KeyResult of its op), or, in a batch of `each`, its failure. */
  readonly outcomes: readonly BatchOutcome[];
}

/** A command that cannot be planned (a bad key) has its failure as its outcome in a batch of `each`, and is thrown in one of `all`. */
type Planned = { readonly plan: KeyPlan<unknown> } | { readonly failure: SerializedFailure };

export function planBatch(
  { commands, atomic, expect = [] }: BatchCommand,
  now: number,
  planSingle: (command: SingleKeyCommand | RedisKeyCommand, now: number) => KeyPlan<unknown>,
): KeyPlan<BatchResult> {
  if (atomic !== 'all' && atomic !== 'each')
    throw failure('ER_BAD_PARAMETER', `batch: atomic is 'all' or 'each', not '${String(atomic)}'`);
  for (const { key } of expect) checkKey(key);
  const planned = commands.map((command): Planned => {
    try {
      if ((command.op as string) === 'batch') throw failure('ER_BAD_PARAMETER', 'batch: a batch in a batch');
      return { plan: planSingle(command, now) };
    } catch (error) {
      if (atomic === 'all') throw error;
      return { failure: asFailure(error).serialize() };
    }
  });
  const plans = planned.flatMap((each) => ('plan' in each ? [each.plan] : []));
  const writes = plans.some((plan) => plan.writes);
  return {
    writes,
    inline:
      plans.length <= INLINE_COMMANDS &&
      expect.every((each) => 'version' in each) &&
      plans.every((plan) => plan.inline),
    reads: [...plans.flatMap((plan) => plan.reads), ...expect.map(({ key }) => subtree(key))],
    *steps() {
      for (const each of expect) {
        if (!(yield* holds(each, now))) return { done: false, outcomes: [] };
      }
      const outcomes: BatchOutcome[] = [];
      for (const each of planned) {
        if ('failure' in each) outcomes.push(each);
        else if (atomic === 'all') outcomes.push({ value: yield* each.plan.steps() });
        else outcomes.push(yield* byItself(each.plan));
      }
      return { done: true, outcomes };
    },
  };
}

function* holds(expectation: Expectation, now: number): KeySteps<boolean> {
  const { key } = expectation;
  if ('signature' in expectation) return (yield* readSignature(key, now)) === expectation.signature;
  const entry = yield* readEntry(key, now);
  return (entry?.version ?? 0) === expectation.version;
}

const INLINE_COMMANDS = 100;
const SAVEPOINT = 'sluice batch';

function* byItself(plan: KeyPlan<unknown>): KeySteps<BatchOutcome> {
  if (plan.writes) yield { kind: 'savepoint', name: SAVEPOINT };
  try {
    const value = yield* plan.steps();
    if (plan.writes) yield { kind: 'release', name: SAVEPOINT };
    return { value };
  } catch (error) {
    // What has ended the whole transaction (a full disk) fails here too, and with it the batch.
    if (plan.writes) {
      yield { kind: 'rollback-to', name: SAVEPOINT };
      yield { kind: 'release', name: SAVEPOINT };
    }
    return { failure: asFailure(error).serialize() };
  }
}
