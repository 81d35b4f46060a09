/** A TCSQL command as a protocol hands it to the gate: parameters decoded, nothing checked yet. See spec: docs/lists.md. */
export interface ListCommand {
  /** URL parameters in the order given, percent-decoded. Names may repeat (which is an error that the parser reports). */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The URL's query as it came, where all parameters are in it: what repeats in it is planned once (cut-query.ts). */
  readonly query?: string;
  /** The request's body, decoded from UTF-8; empty when there is none. */
  readonly body: string;
  /** application/x-www-form-urlencoded: the body may be URL-encoded JSON. */
  readonly formEncoded: boolean;
}
