/** A name as MySQL's dialect quotes it, whatever is in it. */
export function backquoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
