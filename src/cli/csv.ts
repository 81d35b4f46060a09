/**
 * CSV (RFC 4180), in pieces: fields between commas, records between line ends, quotes round what holds either, a quote inside written twice.
 * A field with nothing in it is NULL, and so is \N; `""` is the empty text.
 */
export interface CsvRow {
  readonly fields: (string | null)[];
  /** Where it begins, from 1. */
  readonly line: number;
}

export class CsvParser {
  #fields: (string | null)[] = [];
  #field = '';
  /** outside: before the next character of an unquoted field. closed: behind a closing quote, which may turn out to be half of a pair. */
  #state: 'outside' | 'quoted' | 'closed' = 'outside';
  #wasQuoted = false;
  #line = 1;
  #rowLine = 1;

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** The records that end within `text` and what came before. */
  *push(text: string): Generator<CsvRow, void, undefined> {
    for (const character of text) {
      if (character === '\n') this.#line++;
      if (this.#state === 'quoted') {
        if (character === '"') this.#state = 'closed';
        else this.#field += character;
      } else if (character === '"' && (this.#state === 'closed' || this.#field === '')) {
        if (this.#state === 'closed') this.#field += '"';
        this.#state = 'quoted';
        this.#wasQuoted = true;
      } else if (character === ',') this.#endField();
      else if (character === '\n') yield* this.#endRow();
      else {
        this.#state = 'outside';
        this.#field += character;
      }
    }
  }

  /** What is left when the text ends without a line end. */
  end(): CsvRow[] | 'unterminated' {
    return this.#state === 'quoted' ? 'unterminated' : [...this.#endRow()];
  }

  #endField(): void {
    const absent = !this.#wasQuoted && (this.#field === '' || this.#field === '\\N');
    this.#fields.push(absent ? null : this.#field);
    this.#field = '';
    this.#state = 'outside';
    this.#wasQuoted = false;
  }

  *#endRow(): Generator<CsvRow, void, undefined> {
    if (this.#field.endsWith('\r')) this.#field = this.#field.slice(0, -1);
    this.#endField();
    const row = { fields: this.#fields, line: this.#rowLine };
    this.#fields = [];
    this.#rowLine = this.#line;
    // An empty line is no record of one column.
    if (row.fields.length > 1 || row.fields[0] !== null) yield row;
  }
}
