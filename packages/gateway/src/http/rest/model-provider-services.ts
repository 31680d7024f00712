import type { ModelProviderService } from '../../config/gateway-config.ts';
import { providerById } from '../../providers/index.ts';
import type { RestRoute } from '../rest-route.ts';
import { envelope } from './envelope.ts';
import { byKey, paginate } from './pagination.ts';
import { notFound, parentSchema, schemaOf } from './resource-names.ts';

const collection = '/api/2.1/unity-catalog/model-provider-services';

/** `model-provider-services`: providers as they are registered (unity-ai-gateway 12.1, workspace-contract 6). */
export const modelProviderServiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    handle({ query }, context) {
      const config = context.config();
      const schema = parentSchema(query, config);
      const services = config.providerServices
        .filter((service) => schema === undefined || schemaOf(service.name) === schema)
        .toSorted(byKey((service) => service.name));
      const page = paginate(services, (service) => service.name, query, {
        scope: `model-provider-services ${schema ?? '*'}`,
        defaultSize: 100,
        maxSize: 100,
      });
      return {
        status: 200,
        body: { model_provider_services: page.items.map(providerServiceJson), next_page_token: page.nextPageToken },
      };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{name}`,
    handle({ params }, context) {
      const service = context.config().providerServices.find((entry) => entry.name === params['name']);
      if (!service) throw notFound('Model provider service', params['name'] ?? '');
      return { status: 200, body: providerServiceJson(service) };
    },
  },
];

/**
 * The resource as lists and get show it; `config` is always there, because clients read it from the
 * list without asking for a view. Of the provider's options only the presence of the block is told:
 * they hold the credential, so nothing is ever copied from them.
 */
function providerServiceJson(service: ModelProviderService) {
  const provider = providerById(service.provider);
  const config = {
    provider_type: provider.providerType,
    [provider.block]: { direct: {} },
    targets: service.targets.map((target) => ({ model: target.model, native_api_types: target.nativeApiTypes })),
    allow_all_targets: service.allowAllTargets,
  };
  return envelope(`model-provider-services/${service.name}`, service.comment, { config }, { config });
}
