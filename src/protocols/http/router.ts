/** Routes that answer by themselves: Fastify finds them and reads the body, the answer goes to the raw response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Method } from './openapi/route.ts';

/** `part`: what stands in the path for `{name}`, decoded; `''` where there is none. */
type RouteHandler = (request: IncomingMessage, response: ServerResponse, body: Buffer, part: string) => void;

/** A family of routes. */
export interface Routes {
  addTo(router: Router): void;
}

const NO_BODY = Buffer.alloc(0);

export class Router {
  readonly #fastify: FastifyInstance;
  readonly #registered: string[] = [];

  constructor(fastify: FastifyInstance) {
    this.#fastify = fastify;
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      for (const each of [method].flat()) this.#registered.push(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`);
    });
  }

  /** What Fastify has, as `GET /v1/keys/{path}`: these and no others. */
  get registered(): readonly string[] {
    return this.#registered;
  }

  add(method: Method, path: string, handler: RouteHandler): void {
    const name = /\{(\w+)\}/.exec(path)?.[1];
    this.#fastify.route<{ Params: Record<string, string> }>({
      method,
      url: path.replace(/\{(\w+)\}/, ':$1'),
      handler: (request, reply) => {
        reply.hijack();
        const part = name === undefined ? '' : (request.params[name] ?? '');
        handler(request.raw, reply.raw, bodyOf(request), part);
      },
    });
  }
}

function bodyOf({ body }: Pick<FastifyRequest, 'body'>): Buffer {
  return Buffer.isBuffer(body) ? body : NO_BODY;
}
