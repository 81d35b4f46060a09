/** The body of insert and update: JSON objects whose values are kept as text, as sent. */
import { failure } from '../errors.ts';
import { JsonScanner, JsonSyntaxError } from '../util/json-scanner.ts';
import type { ListCommand } from './command.ts';

/** Fields in the order sent; null where the object says null: the field is absent. */
export type ListObject = ReadonlyMap<string, string | null>;

const MAX_OBJECTS = 100_000;

/**
 * One object or an array of them, raw or URL-encoded (told apart by the first character: JSON here begins with a bracket).
 * Numbers keep their text ("3.50", "1e3"), true and false are their words, nested objects and arrays their JSON text.
 * Throws ER_BAD_PARAMETER naming the place.
 */
export function parseObjects(command: Pick<ListCommand, 'body' | 'formEncoded'>): {
  objects: ListObject[];
  many: boolean;
} {
  const text = decodeBody(command);
  const scanner = new JsonScanner(text);
  try {
    const objects: ListObject[] = [];
    const kind = scanner.peek();
    if (kind === 'object') objects.push(readObject(scanner));
    else if (kind === 'array') readObjects(scanner, objects);
    else throw failure('ER_BAD_PARAMETER', 'body: neither a JSON object nor an array of objects');
    scanner.end();
    return { objects, many: kind === 'array' };
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw failure('ER_BAD_PARAMETER', `body: broken JSON: ${error.message}`);
    throw error;
  }
}

function decodeBody({ body, formEncoded }: Pick<ListCommand, 'body' | 'formEncoded'>): string {
  const first = /[^ \t\r\n]/.exec(body)?.[0];
  if (first === undefined) throw failure('ER_BAD_PARAMETER', 'body is missing: a JSON object or an array of them');
  // Whatever the content type says: %7B is {, %5B is [.
  if (first !== '%' && !(formEncoded && first === '+')) return body;
  const spaced = body.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw failure('ER_BAD_PARAMETER', 'body: wrong percent-encoding');
  }
}

function readObjects(scanner: JsonScanner, objects: ListObject[]): void {
  scanner.readArray((index) => {
    if (scanner.peek() !== 'object') throw failure('ER_BAD_PARAMETER', `body: element ${index} is not an object`);
    if (index >= MAX_OBJECTS) throw failure('ER_BAD_PARAMETER', `body: more than ${MAX_OBJECTS} objects`);
    objects.push(readObject(scanner));
  });
}

function readObject(scanner: JsonScanner): ListObject {
  const fields = new Map<string, string | null>();
  scanner.readObject((name) => {
    if (fields.has(name))
      throw failure('ER_BAD_PARAMETER', `body: '${name.slice(0, 100)}' is given twice in one object`);
    fields.set(name, readValue(scanner));
  });
  return fields;
}

function readValue(scanner: JsonScanner): string | null {
  switch (scanner.peek()) {
    case 'string':
      return scanner.readString();
    case 'number':
      return scanner.readNumber();
    case 'null':
      scanner.readWord('null');
      return null;
    default:
      return scanner.readRaw();
  }
}
