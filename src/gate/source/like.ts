/** LIKE with `%`, `_` and a backslash before what stands for itself, over names: letter case does not count. */
export function likeMatcher(pattern: string): (name: string) => boolean {
  const source = pattern.replaceAll(/\\(.)|([%_])|([^\w])/gs, (_, escaped?: string, wild?: string, other?: string) =>
    escaped !== undefined ? quoted(escaped) : wild === '%' ? '.*' : wild === '_' ? '.' : quoted(other ?? ''),
  );
  const expression = new RegExp(`^${source}$`, 'is');
  return (name) => expression.test(name);
}

function quoted(character: string): string {
  return /\w/.test(character) ? character : `\\${character}`;
}
