/** What the source has answered, as a client gets it: packets for those of MySQL's protocol, typed rows for others. */
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import { columnDefinitions } from '../../stores/mysql/rows.ts';
import type { ClientInfo, Outcome } from '../request.ts';
import { resultColumn, rowReader } from './typed-rows.ts';

export function outcomeOf(answer: SourceAnswer, client: ClientInfo, asPackets = client.protocol === 'mysql'): Outcome {
  if (asPackets) return { kind: 'packets', answer: client.foundRows === true ? withFoundRows(answer) : answer };
  if (answer.failure !== null) throw answer.failure;
  const [result] = answer.results;
  if (result === undefined) throw new Error('the source answered nothing');
  if (result.columnCount === 0) {
    const { affectedRows, insertId, warnings, info } = result.end;
    return { kind: 'ok', affectedRows, insertId, warningCount: warnings, info };
  }
  const columns = columnDefinitions(result).map(resultColumn);
  return { kind: 'rows', columns, rows: rowReader(columns)(result.rows), warningCount: result.end.warnings };
}

/** CLIENT_FOUND_ROWS: rows that were there already just so count too. Connections to the source are shared, so it is worked out here. */
function withFoundRows(answer: SourceAnswer): SourceAnswer {
  return {
    ...answer,
    results: answer.results.map((result) => {
      const matched = /^Rows matched: (\d+)/.exec(result.end.info);
      const inserted = /^Records: (\d+)\s+Duplicates: (\d+)/.exec(result.end.info);
      const { affectedRows } = result.end;
      const found =
        matched !== null
          ? Number(matched[1])
          : inserted !== null && affectedRows < Number(inserted[1]) + Number(inserted[2])
            ? Number(inserted[1]) + Number(inserted[2])
            : affectedRows;
      return { ...result, end: { ...result.end, affectedRows: found } };
    }),
  };
}
