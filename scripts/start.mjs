import { spawn } from 'node:child_process';
import { ensureBuild } from './compile.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { inProject } from './project.mjs';
import { say } from './say.mjs';

// npm start [-- --http-port 8080 ...]: the demo, from a fresh clone.
await ensureDependencies();
await ensureBuild();

const args = ['serve', '--demo', ...process.argv.slice(2)];
say(`node dist/main.js ${args.join(' ')}`);

// In a process group of its own the server gets no signal from the terminal, only what is passed on below: a Ctrl-C
// would otherwise reach it up to three times (from the terminal, from npm, from here), and mean "at once" instead of
// "cleanly".
const server = spawn(process.execPath, [inProject('dist', 'main.js'), ...args], { stdio: 'inherit', detached: true });

/** npm passes on the Ctrl-C that this process also got from the terminal; both within moments. */
const SAME_SIGNAL_MS = 300;
/** @type {Map<NodeJS.Signals, number>} */
const passedOn = new Map();
/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of SIGNALS) {
  process.on(signal, () => {
    const now = performance.now();
    if (now - (passedOn.get(signal) ?? Number.NEGATIVE_INFINITY) < SAME_SIGNAL_MS) return;
    passedOn.set(signal, now);
    server.kill(signal);
  });
}

server.on('exit', (code, signal) => {
  if (signal !== null) say(`the server was ended by ${signal}`);
  process.exit(code ?? 1);
});
