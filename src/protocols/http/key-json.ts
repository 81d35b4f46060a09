/** Results of key commands as JSON: entries, pages, values (keys/wire-json.ts). */
import { deserializeFailure } from '../../errors.ts';
import type { BatchOutcome } from '../../keys/batch-plan.ts';
import type { KeyOperation, KeyResult, SingleKeyCommand } from '../../keys/command.ts';
import type { KeyEntry } from '../../keys/entries.ts';
import type { FoundPage } from '../../keys/find-plans.ts';
import type { KeyPage } from '../../keys/key-set-plans.ts';
import type { StoredValue } from '../../keys/values.ts';
import { wireJson } from '../../keys/wire-json.ts';
import { jsonString } from '../../util/json-text.ts';
import { errorBody } from './failures.ts';

export function entryJson(entry: KeyEntry | null): string {
  if (entry === null) return 'null';
  const { key, type, version, expiresAt } = entry;
  return `{"key":${jsonString(key)},"type":"${type}","value":${wireJson(entry)},"version":${version},"expiresAt":${expiresAt}}`;
}

function pageJson({ entries, cursor }: FoundPage): string {
  return `{"entries":[${entries.map(entryJson).join(',')}],"cursor":${JSON.stringify(cursor)}}`;
}

export function keysOfPageJson({ entries, cursor }: FoundPage): string {
  return keysJson({ keys: entries.map(({ key }) => key), cursor });
}

function keysJson({ keys, cursor }: KeyPage): string {
  return `{"keys":[${keys.map(jsonString).join(',')}],"cursor":${JSON.stringify(cursor)}}`;
}

type Writers = { readonly [Op in KeyOperation]: (result: KeyResult<Op>) => string };

const WRITERS: Writers = {
  put: ({ done, previous }) => `{"done":${done},"previous":${entryJson(previous)}}`,
  putPointer: ({ done, previous }) => `{"done":${done},"previous":${entryJson(previous)}}`,
  putMany: () => 'null',
  getEntry: entryJson,
  getMany: (entries) => `[${Array.from(entries.values(), entryJson).join(',')}]`,
  getPointer: ({ key, value, hops }) =>
    `{"key":${jsonString(key)},"hops":${hops},${value === null ? '"dangling":true' : `"dangling":false,"type":"${value.type}","value":${wireJson(value)}`}}`,
  remove: entryJson,
  removeMany: String,
  removeAll: String,
  find: pageJson,
  findKeys: keysJson,
  count: String,
  countKeys: String,
  add: valueJson,
  append: valueJson,
  expire: String,
  setBit: String,
  getBit: String,
  bitCount: String,
  bitOp: String,
  getBytes: (bytes) => (bytes === null ? 'null' : wireJson({ type: 'bytes', value: bytes })),
};

function valueJson(value: StoredValue): string {
  return wireJson(value);
}

export function resultJson({ op }: SingleKeyCommand, result: unknown): string {
  return (WRITERS[op] as (result: unknown) => string)(result);
}

/** `[{"result":...},{"error":{...}}]` */
export function outcomesJson(outcomes: readonly BatchOutcome[], commands: readonly SingleKeyCommand[]): string {
  const texts = outcomes.map((outcome, index) =>
    'failure' in outcome
      ? JSON.stringify({ error: errorBody(deserializeFailure(outcome.failure)) })
      : `{"result":${resultJson(commands[index]!, outcome.value)}}`,
  );
  return `[${texts.join(',')}]`;
}
