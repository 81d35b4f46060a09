/** With these a MariaDB can be mirrored. */
export const BINLOG_ARGS: readonly string[] = [
  '--log-bin=mysql-bin',
  '--server-id=1',
  '--binlog-format=ROW',
  '--binlog-row-image=FULL',
];
