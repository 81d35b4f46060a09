/**
 * Entry point of the writer process: owns the only connection that writes. Arguments: data directory, FULL or NORMAL, and where they
 * are tuned, MiB of cache and pages between checkpoints.
 * Ends when the front does.
 */
import { asFailure } from '../errors.ts';
import { ChildChannel, leaveSignalsToFront } from '../stores/sqlite/child-channel.ts';
import { Engine } from '../stores/sqlite/engine.ts';
import { PROGRESS_FD, ProgressMark } from '../stores/sqlite/write-progress.ts';
import type { WriterGreeting, WriterRequest } from '../stores/sqlite/writer-protocol.ts';
import { WriterService } from '../stores/sqlite/writer-service.ts';
import { STORE_FUNCTIONS } from './store-functions.ts';
import { STORE_PROCEDURES } from './store-procedures.ts';
import { SYSTEM_TABLES } from './system-tables.ts';

const [directory = '', synchronous, cacheMebibytes = '16', checkpointPages] = process.argv.slice(2);
const channel = new ChildChannel();
leaveSignalsToFront();

function open(): Engine | null {
  try {
    const engine = Engine.open(directory, {
      readOnly: false,
      synchronous: synchronous === 'NORMAL' ? 'NORMAL' : 'FULL',
      functions: STORE_FUNCTIONS,
      procedures: STORE_PROCEDURES,
      systemTables: SYSTEM_TABLES,
      cacheMebibytes: Number(cacheMebibytes),
      ...(checkpointPages === undefined ? {} : { checkpointPages: Number(checkpointPages) }),
    });
    greet({ kind: 'ready', state: engine.readState() });
    return engine;
  } catch (error) {
    greet({ kind: 'failed', failure: asFailure(error).serialize() });
    return null;
  }
}

function greet(greeting: WriterGreeting): void {
  channel.send(greeting);
}

const engine = open();
if (engine !== null) {
  const service = new WriterService(engine, new ProgressMark(PROGRESS_FD));
  for (let requests = channel.receiveAll(); requests.length > 0; requests = channel.receiveAll()) {
    channel.send(...service.handle(requests as WriterRequest[]));
    await channel.turn();
  }
  engine.close();
}
process.exit(0);
