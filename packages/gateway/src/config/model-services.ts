import type { Destination, InferenceTable, ModelProviderService, ModelService } from './gateway-config.ts';
import { nearest } from './nearest.ts';
import type { KeyPath, Report } from './problems.ts';
import type { DestinationEntry, ModelServiceEntry } from './schema.ts';
import { readRateLimits } from './rate-limit-schema.ts';
import { declaredRecord } from './service-record.ts';

const KEY = 'model_services';

/** What destinations are checked against: names as written, and the services that could be read. */
export interface KnownProviders {
  readonly entries: readonly { readonly name: string }[];
  readonly services: readonly ModelProviderService[];
}

/** Checks the entries of `model_services` against each other and against the provider services. */
export function readModelServices(
  entries: readonly ModelServiceEntry[],
  known: KnownProviders,
  report: Report,
): readonly ModelService[] {
  const seen = new Map<string, number>();
  return entries.map((entry, index) => {
    const first = seen.get(entry.name.toLowerCase());
    if (first === undefined) seen.set(entry.name.toLowerCase(), index);
    else
      report([KEY, index, 'name'], `the name '${entry.name}' is already taken by ${KEY}[${first}]`, 'Choose another');
    return readModelService(entry, [KEY, index], known, report);
  });
}

/** Checks one model service against the provider services. `at` is where it stands. */
export function readModelService(
  entry: ModelServiceEntry,
  at: KeyPath,
  known: KnownProviders,
  report: Report,
): ModelService {
  const { destinations, fallback, first_token_timeout: firstTokenTimeoutMs } = entry.config.routing;
  const routing = [...at, 'config', 'routing'];
  const names = new Set<string>();
  checkPercentages(destinations, [...routing, 'destinations'], report);
  const read = (list: readonly DestinationEntry[], path: KeyPath, isFallback: boolean): Destination[] =>
    list.map((destination, index) => {
      const place = [...path, index];
      checkTarget(destination, [...place, 'external_model_config'], known, report);
      return {
        name: uniqueName(destination, names, place, report),
        providerService: destination.external_model_config.model_provider_service,
        model: destination.external_model_config.target.model,
        ...(destination.external_model_config.target.native_api_types === undefined
          ? {}
          : { nativeApiTypes: destination.external_model_config.target.native_api_types }),
        trafficPercentage: isFallback ? 0 : (destination.traffic_percentage ?? (list.length === 1 ? 100 : 0)),
      };
    });
  return {
    ...declaredRecord(entry.grants),
    name: entry.name,
    comment: entry.comment,
    tags: entry.tags,
    destinations: read(destinations, [...routing, 'destinations'], false),
    fallbacks: read(fallback.destinations, [...routing, 'fallback', 'destinations'], true),
    firstTokenTimeoutMs,
    inferenceTable: readInferenceTable(entry, at, report),
    rateLimits: entry.config.rate_limits && readRateLimits(entry.config.rate_limits),
  };
}

function readInferenceTable(entry: ModelServiceEntry, at: KeyPath, report: Report): InferenceTable | undefined {
  const written = entry.config.inference_table;
  if (!written) return undefined;
  const [catalog = '', schema = ''] = written.parent.slice('schemas/'.length).split('.');
  for (const [index, rule] of written.redact.entries()) {
    if (typeof rule === 'string') continue;
    try {
      new RegExp(rule.pattern, 'g');
    } catch {
      const place = [...at, 'config', 'inference_table', 'redact', index, 'pattern'];
      report(place, 'not a regular expression', 'Write a JavaScript regular expression, without slashes around it');
    }
  }
  const prefix = written.table_name_prefix ?? entry.name.slice(entry.name.lastIndexOf('.') + 1);
  return {
    table: [catalog, schema, `${prefix.replaceAll(/[^\w-]/g, '_')}_payload`],
    disabled: written.disabled,
    samplingFraction: written.sampling_fraction,
    redact: written.redact,
  };
}

function checkPercentages(destinations: readonly DestinationEntry[], at: KeyPath, report: Report): void {
  if (destinations.length === 1 && destinations[0]!.traffic_percentage === undefined) return;
  const missing = destinations.findIndex((destination) => destination.traffic_percentage === undefined);
  if (missing >= 0) {
    report(
      [...at, missing],
      'traffic_percentage is required where there are several destinations',
      'Add it, so that they sum to 100',
    );
    return;
  }
  const sum = destinations.reduce((total, destination) => total + (destination.traffic_percentage ?? 0), 0);
  // Thirds such as 33.33, 33.33, 33.34 do not sum exactly in binary.
  if (Math.abs(sum - 100) > 1e-6) {
    report(
      at,
      `the traffic percentages sum to ${Number(sum.toFixed(6))}, not to 100`,
      'Change traffic_percentage so that they sum to 100',
    );
  }
}

function checkTarget(destination: DestinationEntry, at: KeyPath, known: KnownProviders, report: Report): void {
  const { model_provider_service: name, target } = destination.external_model_config;
  if (!known.entries.some((entry) => entry.name === name)) {
    const names = known.entries.map((entry) => entry.name);
    const near = nearest(name, names);
    const cure =
      names.length === 0
        ? 'Add it to model_provider_services'
        : near === undefined
          ? `Use one of: ${names.join(', ')}`
          : `Write '${near}'? Known: ${names.join(', ')}`;
    report([...at, 'model_provider_service'], `there is no provider service '${name}'`, cure);
    return;
  }
  // A provider service with problems of its own is not here; those are reported already.
  const service = known.services.find((entry) => entry.name === name);
  if (!service || service.allowAllTargets) return;
  const models = service.targets.map((entry) => entry.model);
  if (models.includes(target.model)) return;
  const near = nearest(target.model, models);
  report(
    [...at, 'target', 'model'],
    `'${target.model}' is not among the targets of '${name}'`,
    `${near === undefined ? '' : `Write '${near}'? Else `}add it to the targets there, or set allow_all_targets: true`.replace(
      /^a/,
      'A',
    ),
  );
}

/** The name given, which must be its own; else the model, numbered where it is taken. */
function uniqueName(destination: DestinationEntry, taken: Set<string>, at: KeyPath, report: Report): string {
  const model = destination.external_model_config.target.model;
  let name = destination.name ?? model;
  if (destination.name !== undefined && taken.has(name)) {
    report(
      [...at, 'name'],
      `the destination '${name}' is there twice`,
      'Give each destination of a service its own name',
    );
  }
  for (let number = 2; taken.has(name); number++) name = `${destination.name ?? model}-${number}`;
  taken.add(name);
  return name;
}
