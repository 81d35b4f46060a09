/** How an operation is written in a table of them (operations.ts, redis/operations.ts). */
import type { KeyPlan } from './plan.ts';

/** `now`: milliseconds since 1970. The planner throws what is wrong with the command. */
export type Operation<Fields, Result> = (command: Fields, now: number) => KeyPlan<Result>;

export function operation<Fields, Result>(plan: Operation<Fields, Result>): Operation<Fields, Result> {
  return plan;
}

/** Operations that always write: the writer plans them, nobody before it. */
const WRITING = new Set<unknown>();

export function writing<Fields, Result>(plan: Operation<Fields, Result>): Operation<Fields, Result> {
  WRITING.add(plan);
  return plan;
}

export function isWriting(plan: unknown): boolean {
  return WRITING.has(plan);
}
