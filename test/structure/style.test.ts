import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_DIR, readSources, withoutComments } from './sources.ts';

const sources = readSources('src');
const everything = ['src', 'test', 'bench', 'client', 'examples']
  .filter((folder) => existsSync(join(PROJECT_DIR, folder)))
  .flatMap((folder) => readSources(folder));

/** `path:line: text` of each line that matches. */
function linesMatching(files: readonly { path: string; text: string }[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    file.text
      .split('\n')
      .map((line, index) => ({ line, place: `${file.path}:${index + 1}` }))
      .filter(({ line }) => pattern.test(line))
      .map(({ line, place }) => `${place}: ${line.trim()}`),
  );
}

const code = sources.map((file) => ({ path: file.path, text: withoutComments(file.text) }));
const notThisFile = everything.filter((file) => file.path !== 'test/structure/style.test.ts');

describe('style of the sources', () => {
  it('has no default exports', () => {
    expect(linesMatching(code, /^\s*export default\b|\bas default\b/)).toEqual([]);
  });

  it('has no way around the types', () => {
    const anyType = /(?::|\bas|<|,|\||&)\s*any\b\s*(?:[[\]>,;)=|&{]|$)/;
    expect(linesMatching(code, anyType)).toEqual([]);
    expect(linesMatching(notThisFile, /@ts-(?:ignore|nocheck|expect-error)|biome-ignore-all/)).toEqual([]);
    expect(linesMatching(notThisFile, /biome-ignore lint\/suspicious\/noExplicitAny/)).toEqual([]);
  });

  it('leaves no unfinished business in comments', () => {
    expect(linesMatching(notThisFile, /\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('swallows no error: every catch has a body', () => {
    const empty = code.filter((file) =>
      /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}|\.catch\(\s*\(\)\s*=>\s*\{\s*\}\s*\)/.test(file.text),
    );
    expect(empty.map((file) => file.path)).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*\.ts$/;
    expect(everything.map((file) => file.path).filter((path) => !kebab.test(path.split('/').at(-1) ?? ''))).toEqual([]);
  });

  it('keeps what belongs to a class private with #', () => {
    expect(linesMatching(code, /^\s*private\s(?!constructor\b)/)).toEqual([]);
  });
});
