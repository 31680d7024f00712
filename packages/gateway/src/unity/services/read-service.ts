import type { ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { readModelService } from '../../config/model-services.ts';
import { renderKey, type Report } from '../../config/problems.ts';
import { readProviderService } from '../../config/provider-services.ts';
import { modelServiceSchema, providerServiceSchema } from '../../config/schema.ts';
import { reportIssues } from '../../config/schema-problems.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { JsonRecord } from '../../lib/json-value.ts';

/** A service as its resource describes it, credentials in plain. Read as an entry of the configuration is. */
export interface ServiceResource {
  /** Full name. */
  readonly name: string;
  readonly comment: string | undefined;
  readonly config: JsonRecord;
}

/** A service, and what is wrong with it. Messages never hold values of the resource's credentials. */
export interface ReadService<T> {
  readonly service: T | undefined;
  readonly problems: readonly FieldProblem[];
}

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  readonly cure: string;
}

export function readProviderResource(resource: ServiceResource): ReadService<ModelProviderService> {
  const { problems, report, at } = collecting('model_provider_services');
  const parsed = providerServiceSchema.safeParse(resource);
  if (!parsed.success) reportIssues(parsed.error.issues, at, report);
  return { service: parsed.data && readProviderService(parsed.data, at, report), problems };
}

/** @param known the provider services that it may be pointed at. */
export function readModelResource(
  resource: ServiceResource,
  known: readonly ModelProviderService[],
): ReadService<ModelService> {
  const { problems, report, at } = collecting('model_services');
  const parsed = modelServiceSchema.safeParse(resource);
  if (!parsed.success) reportIssues(parsed.error.issues, at, report);
  const service = parsed.data && readModelService(parsed.data, at, { entries: known, services: known }, report);
  return { service, problems };
}

/** The service, or the refusal of the first thing that is wrong with it. */
export function mustRead<T>({ service, problems }: ReadService<T>): T {
  const [first] = problems;
  if (!first && service !== undefined) return service;
  const { field = 'config', message = 'is not valid', cure = 'Correct the value' } = first ?? {};
  throw new GatewayError('caller_invalid_parameter', `The field '${field}': ${message}. ${cure}.`, { param: field });
}

function collecting(section: string) {
  const problems: FieldProblem[] = [];
  const report: Report = (path, message, cure) => {
    problems.push({ field: renderKey(path.slice(2)).slice(0, 200), message, cure });
  };
  return { problems, report, at: [section, 0] };
}
