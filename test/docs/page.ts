/**
 * Pages of docs/ as tests see them: their tables, and their runnable blocks.
 *
 * A block is run when its language is followed by the word `run`; if the next block has the language json or text, that is its output:
 *
 *     ```sh run            bash, with curl and the server's port put in the place of 3888
 *     ```js run            an ES module that may import sluice, mysql2 and PlanetScale's driver; 3307, 3889 are replaced too
 *     ```python run        a program that may import sluice
 *     ```json              the output as JSON, wrapped for reading: whatever its white space, the value counts
 *     ```text              the output itself
 *
 * `npm test -- test/docs -u` writes outputs and generated tables anew into the pages; look at the difference before it is committed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PROJECT_DIR } from '../structure/sources.ts';

export function pagePath(page: string): string {
  return join(PROJECT_DIR, page);
}

export function readPage(page: string): string {
  return readFileSync(pagePath(page), 'utf8');
}

/** The cells of the first table below `heading` (its text, of any level), without the head. Backquotes are left out. */
export function tableBelow(text: string, heading: string): string[][] {
  const { lines } = findTable(text, heading);
  return lines.map((line) => cellsOf(line).map((cell) => cell.replaceAll('`', '')));
}

/** The page with the rows of that table replaced; as it is where they say that already, however wide the cells are. */
export function withTable(text: string, heading: string, rows: readonly (readonly string[])[]): string {
  const { start, end, lines: before } = findTable(text, heading);
  if (isDeepStrictEqual(before.map(cellsOf), rows)) return text;
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`);
  return text.slice(0, start) + lines.join('') + text.slice(end);
}

function findTable(text: string, heading: string): { start: number; end: number; lines: string[] } {
  const below = new RegExp(`^#+ ${escapeRegExp(heading)}$`, 'm').exec(text);
  if (below === null) throw new Error(`there is no heading '${heading}'`);
  const table = /^\|.*\|\n\|[-|: ]+\|\n((?:\|.*\|\n)*)/m.exec(text.slice(below.index));
  if (table === null) throw new Error(`there is no table below '${heading}'`);
  const end = below.index + table.index + table[0].length;
  const body = table[1] ?? '';
  return { start: end - body.length, end, lines: body.split('\n').filter((line) => line !== '') };
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Where an output stands in the page. */
export interface ShownOutput {
  readonly language: 'json' | 'text';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface RunnableBlock {
  readonly language: 'sh' | 'js' | 'python';
  readonly code: string;
  /** null when none is shown. */
  readonly output: ShownOutput | null;
}

export function runnableBlocks(text: string): RunnableBlock[] {
  const blocks = [...text.matchAll(/^```(\w+)( run)?\n(.*?)^```$/gms)];
  return blocks.flatMap((block, index): RunnableBlock[] => {
    const [, language, run, code = ''] = block;
    if (run === undefined || (language !== 'sh' && language !== 'js' && language !== 'python')) return [];
    const next = blocks[index + 1];
    const kind = next?.[1];
    const between = next === undefined ? '' : text.slice(block.index + block[0].length, next.index);
    const isOutput = next !== undefined && next[2] === undefined && between.trim() === '';
    if (!isOutput || (kind !== 'json' && kind !== 'text')) return [{ language, code, output: null }];
    const output = next[3] ?? '';
    const start = next.index + `\`\`\`${kind}\n`.length;
    return [{ language, code, output: { language: kind, text: output, start, end: start + output.length } }];
  });
}

/** What the block printed, in the form of its output on the page; that itself where it says the same. */
export function outputText({ language, text }: ShownOutput, printed: string): string {
  if (language === 'text') return printed;
  const value: unknown = JSON.parse(printed);
  const isShown = text.trim() !== '' && isDeepStrictEqual(JSON.parse(text), value);
  return isShown ? text : `${wrapJson(value)}\n`;
}

const WIDTH = 120;

/** JSON on one line where it is short, and broken up where it is not. */
function wrapJson(value: unknown, indent = ''): string {
  const flat = flatJson(value);
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  const isArray = Array.isArray(value);
  const parts = isArray
    ? value.map((element) => inner + wrapJson(element, inner))
    : Object.entries(value).map(([key, member]) => `${inner}${JSON.stringify(key)}: ${wrapJson(member, inner)}`);
  return `${isArray ? '[' : '{'}\n${parts.join(',\n')}\n${indent}${isArray ? ']' : '}'}`;
}

function flatJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatJson).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${flatJson(member)}`);
  return members.length === 0 ? '{}' : `{${members.join(', ')}}`;
}
