/** Streams and procedures inside this process, for embedded use: the event loop gets a turn between chunks. */
import { failure } from '../../errors.ts';
import type { ProcedureCall, RunningCall } from '../procedure.ts';
import type { SharedReads } from '../shared-reads.ts';
import type { ReadStatement } from '../statement.ts';
import type { RowStream } from '../store.ts';
import type { StoreRow } from '../values.ts';
import type { Engine } from './engine.ts';
import type { EnginePool } from './engine-pool.ts';

/** `engine` is the stream's own until `release` is called: its read transaction stays open between chunks. */
export function inlineStream(statement: ReadStatement, engine: Engine, release: () => void): RowStream {
  let stopped: Error | null = null;
  async function* chunks(): AsyncGenerator<readonly StoreRow[], void, undefined> {
    try {
      for (const chunk of engine.stream(statement)) {
        yield chunk;
        await new Promise(setImmediate);
        if (stopped) throw stopped;
      }
    } finally {
      release();
    }
  }
  return {
    chunks: {
      [Symbol.asyncIterator]: () => {
        if (stopped) throw stopped;
        return chunks();
      },
    },
    cancel: (reason) => {
      stopped ??= reason ?? failure('ER_QUERY_INTERRUPTED');
    },
  };
}

/** At the next turn of the event loop, so that it can be cancelled until then. */
export function inlineCall(call: ProcedureCall, engines: EnginePool): RunningCall {
  let stopped: Error | null = null;
  const run = async (): Promise<unknown> => {
    await new Promise(setImmediate);
    if (stopped) throw stopped;
    const engine = engines.take();
    try {
      return engine.callReading(call);
    } finally {
      engines.giveBack(engine);
    }
  };
  return {
    result: run(),
    cancel: (reason) => {
      stopped ??= reason;
    },
  };
}

/** There is one reader, this process: its reads take turns. */
export function inlineSharedReads(engines: EnginePool): SharedReads {
  const engine = engines.take();
  const sequence = engine.beginSnapshot();
  let isOpen = true;
  return {
    sequence,
    width: 1,
    read: (statement) => inlineStream(statement, engine, () => undefined),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      engine.endSnapshot();
      engines.giveBack(engine);
    },
  };
}
