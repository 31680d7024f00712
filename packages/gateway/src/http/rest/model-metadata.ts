import type { ModelService } from '../../config/gateway-config.ts';
import { findModelFacts } from '../../models/index.ts';
import { vendorName } from '../../models/vendor-name.ts';

const HOSTED = 'system.ai.';

/**
 * What is known of the model behind a service, for clients that choose by it: that of the first destination, which a call
 * meets. `undefined` where nothing is known; a single fact that is not is absent.
 */
export function modelMetadata({ name, destinations }: ModelService) {
  const target = destinations[0]?.model;
  const facts = (target === undefined ? undefined : findModelFacts(target)) ?? findModelFacts(name);
  if (facts === undefined) return undefined;
  return {
    ...(facts.contextWindow === undefined ? {} : { context_window: facts.contextWindow }),
    ...(facts.maxOutputTokens === undefined ? {} : { max_output_tokens: facts.maxOutputTokens }),
    // A bare name always means the hosted service where there is one; others have no name but their full one.
    ...(name === HOSTED + facts.id ? { vendor_name: vendorName(facts) } : {}),
  };
}
