/**
 * What a test started must not outlive it, also when the test fails, hangs, or is interrupted. Helpers here register how
 * to undo what they did; it is undone at the latest when this process ends.
 */
type Undo = () => void;

const pending = new Set<Undo>();
let listening = false;

/** Runs `undo`, which must be synchronous, when this process ends, unless the function that is returned was called. */
export function atExit(undo: Undo): () => void {
  listen();
  pending.add(undo);
  return () => pending.delete(undo);
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.on('exit', undoAll);
  // By themselves these signals end a process without its 'exit' event.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      undoAll();
      process.kill(process.pid, signal);
    });
  }
  // A test worker whose runner was interrupted or killed hears nothing but the end of their channel.
  process.once('disconnect', () => {
    undoAll();
    process.exit(1);
  });
}

/** Last in, first out: a server is killed before its folder is removed. */
function undoAll(): void {
  for (const undo of [...pending].reverse()) {
    pending.delete(undo);
    try {
      undo();
    } catch (error) {
      console.error('clean-up failed:', error);
    }
  }
}
