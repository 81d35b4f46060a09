/** ARCHITECTURE.md and README.md name files and symbols; what they name must exist. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PAGES = ['README.md', 'ARCHITECTURE.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  it('names only paths that exist', () => {
    const paths = [...text.matchAll(/`((?:src|test|bench|docs|scripts|examples)\/[\w./-]*)`/g)].map(
      (match) => match[1] as string,
    );
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('links only to pages that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) =>
      join(ROOT, dirname(page), match[1] as string),
    );
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names only symbols that their file has', () => {
    // `symbol()` or `Symbol`, followed by its file in parentheses.
    const named = [...text.matchAll(/`(\w+)(?:\(\))?`\s+\(`(src\/[\w./-]+\.ts)`/g)].map(
      (match) => [match[1] as string, match[2] as string] as const,
    );
    const missing = named.filter(
      ([symbol, path]) =>
        !existsSync(join(ROOT, path)) || !new RegExp(`\\b${symbol}\\b`).test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(missing).toEqual([]);
    if (page === 'ARCHITECTURE.md') expect(named.length).toBeGreaterThan(15);
  });
});

it('every room of src/ has its place in ARCHITECTURE.md', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rooms = readdirSync(join(ROOT, 'src')).filter(
    (name) => statSync(join(ROOT, 'src', name)).isDirectory() && !['util', 'cli'].includes(name),
  );
  expect(rooms.filter((room) => !text.includes(`src/${room}/`))).toEqual([]);
});
