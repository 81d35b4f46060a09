/**
 * Which entry of a group the writer is at, and since when: written by the writer before each, looked at by the front when something takes long. A message would wake
 * the front for each statement; this is 40 bytes in a file without a name, which both have open, and takes the writer 1.6 us.
 *
 * What cannot take long is not marked, so that groups of plain inserts pay nothing.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { WriteStatement } from '../statement.ts';
import type { GroupEntry, RunningEntry } from './writer-protocol.ts';

/** Where the writer finds the file: see child-process.ts. */
export const PROGRESS_FD = 4;

const FILE = 'sluice.progress';
/** Five numbers: one that changes with each mark, group, place, when it began, and the first once more. A mark whose ends differ is just being written. */
const MARK_BYTES = 5 * 8;
const NO_GROUP = -1;
/** Rows that an INSERT puts in within a few milliseconds. */
const QUICK_ROWS = 1_000;

/** The front's end. */
export class WriteProgress {
  /** For the writer. */
  readonly fd: number;
  readonly #mark = new Float64Array(MARK_BYTES / 8);

  /** Throws where the directory cannot be written to. */
  constructor(directory: string) {
    const path = join(directory, FILE);
    this.fd = openSync(path, 'w+');
    unlinkSync(path);
    // The place is taken now: a disk that is full later does not matter.
    this.#mark.fill(NO_GROUP);
    writeSync(this.fd, this.#mark, 0, MARK_BYTES, 0);
  }

  read(): RunningEntry | null {
    readSync(this.fd, this.#mark, 0, MARK_BYTES, 0);
    const [begin, groupId = NO_GROUP, place = 0, since = 0, end] = this.#mark;
    if (begin !== end || groupId === NO_GROUP) return null;
    return { groupId, place, forMs: nowMs() - since };
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** The writer's end. */
export class ProgressMark {
  readonly #fd: number;
  readonly #mark = new Float64Array(MARK_BYTES / 8);
  #isSet = false;
  #count = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  begin(groupId: number, place: number, { statement }: GroupEntry): void {
    if (isQuick(statement)) this.end();
    else this.#write(groupId, place);
  }

  /** Nothing is begun: what the group does now is no entry's. */
  end(): void {
    if (this.#isSet) this.#write(NO_GROUP, 0);
  }

  #write(groupId: number, place: number): void {
    this.#isSet = groupId !== NO_GROUP;
    this.#count++;
    const mark = this.#mark;
    mark[0] = this.#count;
    mark[1] = groupId;
    mark[2] = place;
    mark[3] = nowMs();
    mark[4] = this.#count;
    // Its place was taken at the beginning: this fails only where the whole disk does.
    writeSync(this.#fd, mark, 0, MARK_BYTES, 0);
  }
}

function isQuick(statement: GroupEntry['statement']): boolean {
  return (
    statement.kind === 'insert' && (statement.mode === 'insert' || statement.mode === 'put') && isShort(statement.rows)
  );
}

function isShort(rows: Extract<WriteStatement, { kind: 'insert' }>['rows']): boolean {
  return Array.isArray(rows) && rows.length <= QUICK_ROWS;
}

/** Of a clock that all processes of this machine share. */
function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
