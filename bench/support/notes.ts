/** A table of notes, and lists of it that are kept each by itself: one for each user, of those whose title begins so. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { runInDataDir } from './fill-table.ts';
import type { KnownQuery } from './known-query.ts';
import { drawValues } from './template.ts';

/** Users who have a note each. Others write. */
export class Notes {
  readonly users: number;

  constructor(users: number) {
    this.users = users;
  }

  /** A data directory with the table; each is one's own. */
  async makeDirs(count: number): Promise<string[]> {
    const [first = '', ...others] = Array.from({ length: count }, () => join(makeTempDir('bench-notes').path, 'data'));
    const series = `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${this.users})`;
    await runInDataDir(first, [
      'CREATE TABLE note (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, uid INT NOT NULL, title VARCHAR(100) NOT NULL, KEY uid (uid))',
      `INSERT INTO note (uid, title) ${series} SELECT n, CONCAT('note of ', n) FROM series`,
    ]);
    for (const dir of others) cpSync(first, dir, { recursive: true });
    return [first, ...others];
  }

  /** The list of one of the first `users`, whose notes nobody changes. The beginning of a text is no key of an ordered index: each is kept for itself. */
  listOf(users: number): Omit<KnownQuery, 'sql'> {
    const path = `/?command=select&type=*&table=main.note&where=uid:NUMEQ:{1..${users}}|title:STRBW:note&order_by=id&order_sort=NUMDESC&limit_max=10`;
    return {
      name: `lists of ${users} users`,
      path,
      draw: (random) => drawValues(path, random),
      expected: ([uid = '']) => [{ id: uid, uid, title: `note of ${uid}` }],
    };
  }

  /** A note by someone who has no list: a template. */
  get insertSql(): string {
    return `INSERT INTO note (uid, title) VALUES ({${this.users + 1}..${2 * this.users}}, 'note {1..1000000}')`;
  }
}
