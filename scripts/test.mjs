import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from './compile.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensurePackages, FOR_TESTS } from './packages.mjs';
import { run, tool } from './project.mjs';

// npm test [-- path or vitest option ...]
const args = process.argv.slice(2);
const paths = args.filter((arg) => !arg.startsWith('-'));
// Unit tests need no server: when only those are asked for, what servers need is not prepared.
const unitsOnly = paths.length > 0 && paths.every((path) => /^(?:\.\/)?(?:src|client)\//.test(path));

// Whatever ends this script early, a broken build for one, its last line says that nothing passed.
let last = '0 passed, 1 failed';
process.on('exit', () => console.log(last));

await ensureDependencies();
if (!unitsOnly) {
  await ensureBuild();
  await ensurePackages(FOR_TESTS);
}

const reportDir = mkdtempSync(join(tmpdir(), 'sluice-report-'));
const reportFile = join(reportDir, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
const code = await run(tool('vitest'), ['run', ...reporters, ...args]);
const { passed, failed, skipped } = totals(reportFile);
rmSync(reportDir, { recursive: true, force: true });

last = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
process.exit(code !== 0 ? code : failed > 0 ? 1 : 0);

/** A file that could not even be loaded has no tests in the report, but it is a failure all the same. */
function totals(/** @type {string} */ file) {
  const report = readReport(file);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const notLoaded = report.testResults.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + notLoaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @param {string} file
 * @returns {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] } | undefined}
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
