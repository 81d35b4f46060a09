/** How a find is asked for: by the client library and by the server alike. */
export interface FindOptions {
  readonly limit?: number;
  /** Goes on after the page that gave it. */
  readonly cursor?: string;
  readonly reverse?: boolean;
  readonly orderBy?: 'key' | 'value';
  /** Pointers stand for what they lead to; a dangling one is left out. */
  readonly point?: boolean;
}
