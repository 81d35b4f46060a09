/** Values of a body on their way into the source. */
import type { SourceListColumn } from './list-table.ts';

/** What stands in the statement: `?`, with the text as its parameter, but for NULL and for what no text means. */
export function writtenValue({ definition }: SourceListColumn, text: string | null): { sql: string; params: string[] } {
  if (text === null) return { sql: 'NULL', params: [] };
  // Lists show BIT as a number; a text would be taken for its bytes.
  if (definition.type === 'bit' && /^[0-9]{1,20}$/.test(text)) return { sql: text, params: [] };
  return { sql: '?', params: [text] };
}
