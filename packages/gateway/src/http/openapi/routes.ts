import { modelListRoutes } from '../model-lists/index.ts';
import { answerWithEtag } from '../rest/etag.ts';
import type { RestRoute } from '../rest-route.ts';
import { openApiDocument } from './document.ts';
import type { OpenApiDocument } from './document-types.ts';

/**
 * Serves the gateway's own description. Without a token: it has no secrets, and tools read it before they have one.
 * @param restRoutes the control plane, this route included; asked at the first request.
 */
export function openApiRoutes(restRoutes: () => readonly RestRoute[]): readonly RestRoute[] {
  let document: OpenApiDocument | undefined;
  return [
    {
      method: 'GET',
      path: '/api/openapi.json',
      describe: {
        id: 'getOpenApi',
        summary: 'Describes this API: the OpenAPI 3.1 document.',
        access: 'public',
        tag: 'operations',
      },
      public: true,
      handle: (request) =>
        answerWithEtag(request, (document ??= openApiDocument([...restRoutes(), ...modelListRoutes]))),
    },
  ];
}
