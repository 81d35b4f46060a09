/** `/healthz`, `/readyz`, `/openapi.json`: for anybody, whatever users there are. */
import type { ServerResponse } from 'node:http';
import { HttpFailure } from './failures.ts';
import { openApiJson } from './openapi/document.ts';
import { sendError, sendJson } from './respond.ts';
import type { Router, Routes } from './router.ts';

export class ProbeRoutes implements Routes {
  readonly #isReady: () => boolean;

  constructor(isReady: () => boolean) {
    this.#isReady = isReady;
  }

  addTo(router: Router): void {
    router.add('GET', '/healthz', (_request, response) => sendJson(response, 200, '{"status":"ok"}'));
    router.add('GET', '/readyz', (_request, response) => this.#sendReadiness(response));
    router.add('GET', '/openapi.json', (_request, response) => sendJson(response, 200, openApiJson()));
  }

  #sendReadiness(response: ServerResponse): void {
    if (this.#isReady()) sendJson(response, 200, '{"status":"ready"}');
    else
      sendError(
        response,
        new HttpFailure(503, 'HTTP_NOT_READY', 'the server is starting or stopping, or its source does not answer'),
      );
  }
}
