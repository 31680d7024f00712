import { GatewayError } from '../../errors/gateway-error.ts';
import type { Caller } from '../caller.ts';
import type { ObjectUpdate } from '../catalog.ts';
import { notFound } from '../refusals.ts';
import type { Securable } from '../securable.ts';
import type { ServiceRegistry } from './service-registry.ts';

/** ALTER … OWNER TO and COMMENT ON of a service. Whatever else there is, the REST API does. */
export async function alterService(
  services: ServiceRegistry,
  { kind, name }: Securable,
  { owner, comment, setTags, unsetTags }: ObjectUpdate,
  caller: Caller,
): Promise<void> {
  if (kind !== 'MODEL_SERVICE' && kind !== 'MODEL_PROVIDER_SERVICE') throw notFound({ kind, name });
  if (setTags !== undefined || unsetTags !== undefined) {
    throw new GatewayError('caller_invalid_parameter', 'A service takes no tags by SQL.');
  }
  const paths = [...(owner === undefined ? [] : ['owner']), ...(comment === undefined ? [] : ['comment'])];
  await services.update(kind, name.join('.'), { paths, body: { owner, comment } }, caller);
}
