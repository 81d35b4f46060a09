/** SIGTERM and SIGINT end the server: the first one cleanly, the second at once. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** As shells report a process that Ctrl-C ended. */
const EXIT_FORCED = 130;

/** Resolves with the first signal. From then on another one ends the process where it stands. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (stopping) process.exit(EXIT_FORCED);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
