/** JSON as values, for requests whose numbers must not be rounded: a number is kept as its text. */
import type { JsonScanner } from './json-scanner.ts';

export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;
/** Of names given twice the last counts, as in JSON.parse. */
export type JsonObject = Map<string, JsonValue>;

/** Reads the value at the cursor. Throws JsonSyntaxError. */
export function readJsonValue(scanner: JsonScanner): JsonValue {
  const kind = scanner.peek();
  switch (kind) {
    case 'string':
      return scanner.readString();
    case 'number':
      return new JsonNumber(scanner.readNumber());
    case 'object': {
      const object: JsonObject = new Map();
      scanner.readObject((name) => object.set(name, readJsonValue(scanner)));
      return object;
    }
    case 'array': {
      const array: JsonValue[] = [];
      scanner.readArray(() => array.push(readJsonValue(scanner)));
      return array;
    }
    default:
      scanner.readWord(kind);
      return kind === 'null' ? null : kind === 'true';
  }
}
