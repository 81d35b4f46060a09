import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inProject, run, tool } from './project.mjs';
import { fail, say } from './say.mjs';

/**
 * What is compiled: the server, and the client with what it shares with the server, as browsers take it. `base`: what the target's folders are relative to.
 *
 * @typedef {{ config: string, sources: readonly string[], base: string, target: string }} Part
 * @type {readonly Part[]}
 */
const PARTS = [
  { config: 'tsconfig.json', sources: ['src'], base: 'src', target: 'dist' },
  { config: 'client/tsconfig.json', sources: ['client', 'src'], base: '.', target: 'dist-client' },
];

/** Compiles each part of which a source is newer than the last successful build. */
export async function ensureBuild() {
  for (const part of PARTS) await ensurePart(part);
}

async function ensurePart(/** @type {Part} */ part) {
  const reason = staleBecause(part);
  if (reason === undefined) return;
  say(`build: ${reason}; running tsc -p ${part.config}`);
  const startedAt = new Date();
  const code = await run(tool('tsc'), ['-p', part.config]);
  if (code !== 0) fail(`tsc ended with ${code}: see above`);
  removeOrphans(part);
  writeFileSync(stampOf(part), `${startedAt.toISOString()}\n`);
}

function stampOf(/** @type {Part} */ { target }) {
  return inProject(target, '.built');
}

/** @returns {string | undefined} */
function staleBecause(/** @type {Part} */ part) {
  const built = mtimeMs(stampOf(part));
  if (built === undefined) return `${part.target}/ is not there yet`;
  const settings = ['tsconfig.json', part.config, 'package-lock.json'].map((file) => inProject(file));
  const newer = [...part.sources.flatMap((source) => filesBelow(inProject(source))), ...settings].find(
    (file) => isInput(file) && (mtimeMs(file) ?? 0) > built,
  );
  return newer === undefined ? undefined : `${relative(inProject(), newer)} has changed`;
}

/**
 * Removes what was compiled from sources that are gone, instead of emptying the folder first: a server that runs from there
 * starts processes from these files later.
 */
function removeOrphans(/** @type {Part} */ { base, target }) {
  for (const file of filesBelow(inProject(target))) {
    const compiledFrom = relative(inProject(target), file).replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, '.ts');
    if (compiledFrom.endsWith('.ts') && !existsSync(inProject(base, compiledFrom))) rmSync(file);
  }
}

function isInput(/** @type {string} */ file) {
  return !/\.(?:test|suite)\.ts$/.test(file);
}

/** @returns {string[]} */
function filesBelow(/** @type {string} */ folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @returns {number | undefined} */
function mtimeMs(/** @type {string} */ file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
