/** Entry point of a reader process: runs one statement at a time. Argument: data directory. Ends when the front does. */
import { ChildChannel, leaveSignalsToFront } from '../stores/sqlite/child-channel.ts';
import { Engine } from '../stores/sqlite/engine.ts';
import type { ReaderRequest } from '../stores/sqlite/reader-protocol.ts';
import { ReaderService } from '../stores/sqlite/reader-service.ts';
import { STORE_FUNCTIONS } from './store-functions.ts';
import { STORE_PROCEDURES } from './store-procedures.ts';

const [directory = ''] = process.argv.slice(2);
const channel = new ChildChannel();
leaveSignalsToFront();

// Opened at the first statement: by then the writer has made the file, and idle readers hold nothing.
let service: ReaderService | null = null;
for (let request = channel.receive(); request !== undefined; request = channel.receive()) {
  service ??= new ReaderService(
    Engine.open(directory, {
      readOnly: true,
      synchronous: 'FULL',
      functions: STORE_FUNCTIONS,
      procedures: STORE_PROCEDURES,
      cacheMebibytes: 8,
    }),
    channel,
  );
  service.handle(request as ReaderRequest);
  await channel.turn();
}
process.exit(0);
