import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inProject, run, tool } from './project.mjs';
import { fail, say } from './say.mjs';

const STAMP = 'dist/.built';

/** Compiles src/ to dist/ if a source is newer than the last successful build. */
export async function ensureBuild() {
  const reason = staleBecause();
  if (reason === undefined) return;
  say(`build: ${reason}; running tsc`);
  const startedAt = new Date();
  const code = await run(tool('tsc'), ['-p', 'tsconfig.json']);
  if (code !== 0) fail(`tsc ended with ${code}: see above`);
  removeOrphans();
  writeFileSync(inProject(STAMP), `${startedAt.toISOString()}\n`);
}

/** @returns {string | undefined} */
function staleBecause() {
  const built = mtimeMs(inProject(STAMP));
  if (built === undefined) return 'nothing built yet';
  const inputs = [...filesBelow(inProject('src')), inProject('tsconfig.json'), inProject('package-lock.json')];
  const newer = inputs.find((file) => isInput(file) && (mtimeMs(file) ?? 0) > built);
  return newer === undefined ? undefined : `${relative(inProject(), newer)} has changed`;
}

/**
 * Removes what was compiled from sources that are gone, instead of emptying dist/ first: a server that runs from there
 * starts processes from these files later.
 */
function removeOrphans() {
  for (const file of filesBelow(inProject('dist'))) {
    const source = relative(inProject('dist'), file).replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, '.ts');
    if (source.endsWith('.ts') && !existsSync(inProject('src', source))) rmSync(file);
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
