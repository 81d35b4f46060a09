/** For tests: whether bodies and answers are what the document says, by its own schemas. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiJson } from './document.ts';
import { JSON_MEDIA, type Route } from './route.ts';

interface Media {
  readonly [type: string]: { readonly schema: unknown };
}

interface Operation {
  readonly requestBody?: { readonly content: Media };
  readonly responses: Readonly<Record<string, { readonly content: Media }>>;
}

const DOCUMENT = 'https://sluice.example/openapi.json';

export class AnswerChecks {
  readonly #document = JSON.parse(openApiJson()) as { paths: Record<string, Record<string, Operation>> };
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor() {
    this.#ajv.addSchema(this.#document, DOCUMENT);
  }

  /** What is wrong with it. */
  bodyFaults(route: Route, body: unknown): unknown[] {
    const content = this.#operation(route).requestBody?.content;
    if (content === undefined) return body === undefined ? [] : ['the route takes no body'];
    return body === undefined ? [] : this.#faults(route, ['requestBody', 'content', JSON_MEDIA], body);
  }

  /** By the answer's status; the media type is the first one that the document has for it. */
  answerFaults(route: Route, status: number, answer: unknown): unknown[] {
    const { responses } = this.#operation(route);
    const response = responses[status];
    if (response === undefined) return [`the document has no status ${status}`];
    const [media] = Object.keys(response.content);
    if (media === undefined) return answer === undefined ? [] : ['the answer has a body'];
    return this.#faults(route, ['responses', String(status), 'content', media], answer);
  }

  mediaTypes(route: Route, status: number): string[] {
    return Object.keys(this.#operation(route).responses[status]?.content ?? {});
  }

  #operation({ method, path }: Route): Operation {
    return this.#document.paths[path]![method.toLowerCase()]!;
  }

  #faults({ method, path }: Route, place: readonly string[], value: unknown): unknown[] {
    const pointer = ['paths', path, method.toLowerCase(), ...place, 'schema']
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `${DOCUMENT}#/${pointer}` });
      this.#validators.set(pointer, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []);
  }
}
