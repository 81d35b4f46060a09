import { readFileSync } from 'node:fs';
import { inProject, run } from './project.mjs';
import { fail, say } from './say.mjs';

/** Installs the npm dependencies if node_modules is not what package-lock.json says. */
export async function ensureDependencies() {
  const missing = firstDifference();
  if (missing === undefined) return;
  say(`npm dependencies: ${missing}; running npm ci`);
  // A parent `npm test` hands its own settings down by the environment; --no-audit and --no-fund only save time.
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) fail(`npm ci ended with ${code}: see above`);
}

/**
 * What node_modules lacks, by npm's own record of what it has put there. Times of files would not do: they say nothing
 * after a `git checkout`. Optional packages are left out, because those for other platforms are rightly missing.
 *
 * @returns {string | undefined}
 */
function firstDifference() {
  const wanted = packagesIn(inProject('package-lock.json'));
  const present = packagesIn(inProject('node_modules', '.package-lock.json'));
  if (wanted === undefined) return 'there is no package-lock.json';
  if (present === undefined) return 'not installed yet';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional) continue;
    const found = present[path]?.version;
    if (found !== entry.version) return `${path} is ${found ?? 'missing'}, wanted ${entry.version}`;
  }
  return undefined;
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
