/**
 * How much of its core a server was busy: a figure that the load generator limited, and not the server, shows as one well
 * below 100 %.
 */
import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second for programs to read, whatever its own clock. */
const TICKS_PER_SECOND = 100;
/** Of /proc/<pid>/stat, counted behind the name. */
const [UTIME, STIME] = [11, 12];

/** Seconds of processor time that these processes have used so far. One that has ended counts nothing. */
export function processorSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statOf(pid);
    ticks += Number(fields[UTIME] ?? 0) + Number(fields[STIME] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may itself hold any character.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/**
 * The share of one core that the server's processes take, over all measurements that went through measure(). The time
 * that each request takes of the processor is what a busy machine disturbs least.
 */
export class Busy {
  readonly #pids: () => readonly number[];
  #processor = 0;
  #wall = 0;
  #done = 0;

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
  }

  /** `run` gives what was done, counted as `done` says; for `quietSeconds` of it nothing was asked for. */
  async measure<Result>(
    run: () => Promise<Result>,
    done: (result: Result) => number,
    quietSeconds = 0,
  ): Promise<Result> {
    const [processor, wall] = [processorSeconds(this.#pids()), performance.now()];
    const result = await run();
    this.#processor += processorSeconds(this.#pids()) - processor;
    this.#wall += (performance.now() - wall) / 1_000 - quietSeconds;
    this.#done += done(result);
    return result;
  }

  /** `97 % (21 us each)`: of the core, and processor time of each thing that was done. */
  toString(): string {
    const [share, each] = [(100 * this.#processor) / this.#wall, (1e6 * this.#processor) / this.#done];
    return `${Math.round(share)} % (${Math.round(each)} us each)`;
  }
}
