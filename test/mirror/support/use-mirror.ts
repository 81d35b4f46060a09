/** What tests of the mirror stand on: a MariaDB for the file, and for each test a directory in which mirrors are opened. */
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { MirroredName } from '../../../src/mirror/protocol.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { type MirrorSource, startMirrorSource } from './mirror-source.ts';
import { type MirrorUnderTest, startMirror } from './mirror-under-test.ts';

export class MirrorHarness {
  source!: MirrorSource;
  /** Straight to the source. */
  direct!: Connection;
  directory!: TempDir;
  readonly #tables: readonly MirroredName[];
  #mirror: MirrorUnderTest | null = null;

  constructor(tables: readonly MirroredName[]) {
    this.#tables = tables;
  }

  /** Closed at the test's end, unless close() is called before. */
  async open(): Promise<MirrorUnderTest> {
    this.#mirror = await startMirror(this.source.port, this.directory.path, this.#tables);
    return this.#mirror;
  }

  async close(): Promise<void> {
    await this.#mirror?.close();
    this.#mirror = null;
  }
}

/** `create`: run at the source before each test, without the database `shop`. */
export function useMirror(tables: readonly MirroredName[], create: string): MirrorHarness {
  const harness = new MirrorHarness(tables);
  beforeAll(async () => {
    harness.source = await startMirrorSource();
    harness.direct = await harness.source.connect();
  });
  afterAll(async () => {
    await harness.direct.end();
    await harness.source.stop();
  });
  beforeEach(async () => {
    harness.directory = makeTempDir('mirror');
    await harness.direct.query('DROP DATABASE IF EXISTS shop');
    await harness.direct.query(create);
  });
  afterEach(async () => {
    await harness.close();
    harness.directory.remove();
    harness.source.open();
  });
  return harness;
}
