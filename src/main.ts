#!/usr/bin/env node
/** The `sluice` command: arguments -> config -> server -> signals. The commands are in cli/. */
import { run } from './cli/run.ts';

// Whoever reads the output may leave (`sluice serve | head -1`): that ends no server.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const code = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
process.exit(code);
