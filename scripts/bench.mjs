import { ensureBuild } from './compile.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensurePackages, FOR_BENCH } from './packages.mjs';
import { run, tool } from './project.mjs';

// npm run bench [-- T3 T1 --seconds 5]
await ensureDependencies();
await ensureBuild();
await ensurePackages(FOR_BENCH);
process.exit(await run(tool('tsx'), ['bench/run.ts', ...process.argv.slice(2)]));
