import type { RestRoute } from '../rest-route.ts';
import { displayName } from './display-name.ts';
import { nativeApiTypes } from './native-api-types.ts';
import { byKey } from './pagination.ts';
import { endpointName, isSystemService } from './resource-names.ts';
import { usableConfig } from './service-requests.ts';

/**
 * Foundation models by dialect, all in one answer: clients have no paging here. `ucode` takes the
 * Gemini and Codex families and the model for web search from it (workspace-contract 5.3).
 */
export const servingEndpointRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/2.0/serving-endpoints:foundation-models',
    describe: {
      id: 'listFoundationModels',
      summary: 'Lists the hosted foundation models with their API types.',
      access: 'user',
      tag: 'servingEndpoints',
    },
    handle(request, context) {
      const config = usableConfig(context, request);
      const endpoints = config.modelServices
        .filter((service) => isSystemService(service.name))
        .toSorted(byKey((service) => service.name))
        .map((service) => {
          const name = endpointName(service.name);
          const foundationModel = {
            name: service.name,
            display_name: displayName(service.name),
            ai_gateway_v2_supported: true,
            api_types: nativeApiTypes(config, service),
          };
          return {
            name,
            state: { ready: 'READY' },
            config: { served_entities: [{ name, foundation_model: foundationModel }] },
          };
        });
      return { status: 200, body: { endpoints } };
    },
  },
];
