/** Places in the source's binlog. */

export interface BinlogPosition {
  /** As `mysql-bin.000003`. */
  readonly file: string;
  /** Bytes from the file's beginning; where an event group ends, so that reading can go on from there. */
  readonly offset: number;
}

/** Below 0 when `a` comes before `b`. Files are ordered by the number behind the last point: it grows by one a file, and may outgrow six digits. */
export function comparePositions(a: BinlogPosition, b: BinlogPosition): number {
  return a.file === b.file ? a.offset - b.offset : fileNumber(a.file) - fileNumber(b.file);
}

function fileNumber(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1));
}
