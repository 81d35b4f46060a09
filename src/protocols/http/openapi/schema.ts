/** JSON schemas (draft 2020-12, as OpenAPI 3.1 takes them), in few words. */

export type Schema = { readonly [keyword: string]: unknown };

export const TEXT: Schema = { type: 'string' };
export const FLAG: Schema = { type: 'boolean' };
export const WHOLE: Schema = { type: 'integer' };
export const COUNT: Schema = { type: 'integer', minimum: 0 };
export const ANYTHING: Schema = {};

/** Members whose names end in `?` may be absent; there are no others. */
export function object(members: Readonly<Record<string, Schema>>, description?: string): Schema {
  const names = Object.keys(members);
  const required = names.filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(Object.entries(members).map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

/** Any members, of one kind. */
export function mapOf(schema: Schema, description?: string): Schema {
  return { type: 'object', ...(description === undefined ? {} : { description }), additionalProperties: schema };
}

export function arrayOf(items: Schema, limits: Schema = {}): Schema {
  return { type: 'array', items, ...limits };
}

export function oneOf(...schemas: readonly Schema[]): Schema {
  return { oneOf: schemas };
}

export function anyOf(...schemas: readonly Schema[]): Schema {
  return { anyOf: schemas };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function words(...values: readonly (string | number)[]): Schema {
  return { enum: values };
}

export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** One of `components` (components.ts). */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
