import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { forbiddenBecause, MAY_IMPORT, roomOf, SHARED_WITH_CLIENT } from './rooms.ts';
import { importsOf, PROJECT_DIR, readSources } from './sources.ts';

const sources = readSources('src');

describe('imports point one way', () => {
  it('in every file of src/', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file.text).map((imported) => forbiddenBecause(file.path, imported.specifier)),
    );
    expect(wrong.filter((reason) => reason !== undefined)).toEqual([]);
  });

  it('and every relative import names a file of src/ with its .ts extension', () => {
    const paths = new Set(sources.map((file) => file.path));
    const missing = sources.flatMap((file) =>
      importsOf(file.text)
        .filter((imported) => imported.specifier.startsWith('.'))
        .map((imported) => posix.join(posix.dirname(file.path), imported.specifier))
        .filter((path) => !paths.has(path))
        .map((path) => `${file.path} imports ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('and protocols reach stores and changes through types only: nothing reaches data around the gate', () => {
    const around = sources
      .filter((file) => roomOf(file.path) === 'protocols' && !/\.(?:test|suite)\.ts$/.test(file.path))
      .flatMap((file) =>
        importsOf(file.text)
          .filter((imported) => !imported.typeOnly && imported.specifier.startsWith('.'))
          .map((imported) => posix.join(posix.dirname(file.path), imported.specifier))
          .filter((path) => ['stores', 'changes'].includes(roomOf(path)))
          .map((path) => `${file.path} imports ${path}`),
      );
    expect(around).toEqual([]);
  });
});

describe('the client, which runs in browsers as it is,', () => {
  const files = readSources('client').filter(({ path }) => !path.endsWith('.test.ts'));
  const all = new Map([...sources, ...files].map((file) => [file.path, file]));
  const reached = new Set(files.map(({ path }) => path));
  const packages: string[] = [];
  for (const path of reached) {
    for (const { specifier } of importsOf(all.get(path)?.text ?? '')) {
      if (specifier.startsWith('.')) reached.add(posix.join(posix.dirname(path), specifier));
      else packages.push(`${path} imports ${specifier}`);
    }
  }

  it('imports itself, and of the server the files that are shared with it, to the last one', () => {
    expect(files.length).toBeGreaterThan(5);
    expect([...reached].filter((path) => !path.startsWith('client/')).sort()).toEqual([...SHARED_WITH_CLIENT]);
  });

  it('imports no package, and nothing of Node', () => {
    expect(packages).toEqual([]);
  });
});

describe('the rule itself', () => {
  it('sees through nested folders', () => {
    expect(forbiddenBecause('src/stores/sqlite/engine.ts', '../../gate/session.ts')).toMatch(/stores may import util/);
    expect(forbiddenBecause('src/stores/sqlite/engine.ts', '../contract.ts')).toBeUndefined();
    expect(forbiddenBecause('src/gate/session.ts', '../sql/parser/parse.ts')).toBeUndefined();
    expect(forbiddenBecause('src/sql/bind.ts', '../lists/query.ts')).toMatch(/sql may import/);
    expect(forbiddenBecause('src/util/random.ts', '../errors.ts')).toBeUndefined();
    expect(forbiddenBecause('src/errors.ts', './gate/session.ts')).toMatch(/common may import util/);
    expect(forbiddenBecause('src/gate/session.ts', '../server.ts')).toMatch(/gate may import/);
    expect(forbiddenBecause('src/processes/writer.ts', '../stores/sqlite/engine.ts')).toBeUndefined();
    expect(forbiddenBecause('src/main.ts', '../test/support/ports.ts')).toMatch(/outside src/);
    expect(forbiddenBecause('src/cellar/wine.ts', '../gate/session.ts')).toMatch(/does not know/);
  });

  it('sees every form of import and none in comments', () => {
    const text = `
      import { a } from './a.ts';
      import type { b } from './b.ts';
      import {
        c,
      } from './c.ts';
      import './d.ts';
      export { e } from './e.ts';
      export type { f } from './f.ts';
      export * from './g.ts';
      const h = await import('./h.ts');
      // import { x } from './x.ts';
      /* import { y } from './y.ts'; */
      const url = 'http://example.org'; import './i.ts';
    `.replace("; import './i.ts'", ";\nimport './i.ts'");
    const specifiers = importsOf(text).map((imported) => imported.specifier);
    expect(specifiers.sort()).toEqual('abcdefghi'.split('').map((name) => `./${name}.ts`));
  });
});

describe('the linter knows the same rule', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-lint-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const rooms = Object.keys(MAY_IMPORT).filter((room) => room !== 'config' && room !== 'common');

  /** Each room once at its top and once in a nested folder, importing a file of every other room. */
  const trials = rooms.flatMap((from) =>
    ['', 'nested/'].flatMap((nested) =>
      [...rooms.filter((to) => to !== from).map((to) => `${to}/x.ts`), 'main.ts', 'processes/x.ts', '../test/x.ts']
        .map((to) => ({ from, nested, to }))
        .map(({ to }) => ({
          file: `src/${from}/${nested}from-${to.replaceAll(/\W+/g, '-').replace(/^-/, '')}.ts`,
          specifier: `${nested === '' ? '../' : '../../'}${to}`,
        })),
    ),
  );

  it('and reports each wrong import, and none that is right', () => {
    cpSync(join(PROJECT_DIR, 'biome.json'), join(dir, 'biome.json'));
    // The copy is no repository, so there is no .gitignore to respect; the rules are what is tried here.
    const flags = [
      '--vcs-enabled=false',
      '--only=style/noRestrictedImports',
      '--reporter=json',
      '--max-diagnostics=none',
    ];
    for (const { file, specifier } of trials) {
      mkdirSync(join(dir, posix.dirname(file)), { recursive: true });
      writeFileSync(join(dir, file), `import { x } from '${specifier}';\n\nconsole.log(x);\n`);
    }
    const biome = join(PROJECT_DIR, 'node_modules', '.bin', 'biome');
    const { stdout, stderr } = spawnSync(biome, ['lint', ...flags, 'src'], { cwd: dir, encoding: 'utf8' });
    expect(stdout, stderr).toMatch(/^\{/);

    const reported = trials.filter(({ file }) => stdout.includes(`${file}"`)).map(({ file }) => file);
    const wrong = trials.filter(({ file, specifier }) => forbiddenBecause(file, specifier)).map(({ file }) => file);
    expect(reported).toEqual(wrong);
    expect(wrong.length).toBeGreaterThan(rooms.length * 6);
  });
});
