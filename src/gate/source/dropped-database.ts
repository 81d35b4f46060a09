/**
 * Of DROP DATABASE the database's name; null: it is another statement. Who drops its own database has none then (MySQL manual, "DROP DATABASE Statement"), and does
 * not get it back with a new one of that name.
 */
export function droppedDatabase(text: string): string | null {
  const [, quoted, name] =
    /^\s*DROP\s+(?:DATABASE|SCHEMA)\s+(?:IF\s+EXISTS\s+)?(?:`((?:[^`]|``)+)`|([^\s;]+))/i.exec(text) ?? [];
  return quoted?.replaceAll('``', '`') ?? name ?? null;
}
