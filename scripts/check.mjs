import { ensureDependencies } from './dependencies.mjs';
import { run, tool } from './project.mjs';
import { fail, say } from './say.mjs';

// npm run check: everything that can be known without running the code. Writes nothing.
/** @type {readonly { what: string, command: string, args: readonly string[] }[]} */
const STEPS = [
  { what: 'types of the build', command: 'tsc', args: ['-p', 'tsconfig.json', '--noEmit'] },
  { what: 'types of the client', command: 'tsc', args: ['-p', 'client/tsconfig.json', '--noEmit'] },
  { what: 'types of tests, benches and scripts', command: 'tsc', args: ['-p', 'tsconfig.test.json'] },
  { what: 'types of the live feed', command: 'tsc', args: ['-p', 'examples/live-feed/tsconfig.json'] },
  { what: 'format and lint', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { what: 'unused files, exports and dependencies', command: 'knip', args: [] },
];

await ensureDependencies();
const failed = [];
for (const { what, command, args } of STEPS) {
  say(`${what}: ${[command, ...args].join(' ')}`);
  if ((await run(tool(command), args)) !== 0) failed.push(what);
}
if (failed.length > 0) fail(`check failed: ${failed.join('; ')}`);
say('check passed');
