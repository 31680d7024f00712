import { asObject, asText } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import type { WorkspaceClient } from './client.ts';
import type { OfferedModel } from './models.ts';

/** Pages that are read at most: 20,000 models. */
const MAX_PAGES = 200;

/**
 * Every model that the caller may use, from all schemas it can see (workspace-contract 5.2). Families, APIs and sizes
 * come from the gateway's own metadata where it has them, else from the name.
 */
export async function readModels(client: WorkspaceClient): Promise<OfferedModel[]> {
  const models: OfferedModel[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await client.json('/api/2.1/unity-catalog/model-services', {
      query: { page_size: '100', view: 'FULL', page_token: token },
    });
    for (const entry of Array.isArray(answer['model_services']) ? answer['model_services'] : []) {
      const model = modelOf(asObject(entry) ?? {});
      if (model) models.push(model);
    }
    const next = asText(answer['next_page_token']);
    if (next === undefined || next === token) break;
    token = next;
  }
  return models;
}

function modelOf(entry: Readonly<Record<string, unknown>>): OfferedModel | undefined {
  const id = asText(entry['name'])?.replace(/^model-services\//, '');
  if (id === undefined || id !== printable(id)) return undefined;
  const name = id.split('.').slice(2).join('.') || id;
  const metadata = asObject(entry['model']) ?? {};
  const apiTypes = Array.isArray(entry['supported_api_types'])
    ? entry['supported_api_types'].filter((type) => typeof type === 'string')
    : [];
  return {
    id,
    name,
    family: asText(metadata['family']) ?? familyOf(name),
    version: versionOf(name),
    apiTypes: apiTypes.length > 0 ? apiTypes : usualApiTypes(name),
    vendorName: asText(metadata['vendor_name']),
    contextWindow: positive(metadata['context_window']),
    maxOutputTokens: positive(metadata['max_output_tokens']),
  };
}

/** `claude-opus-4-8` is of the family `claude-opus`; a date or a variant after the version does not matter. */
export function familyOf(name: string): string {
  return bare(name).replace(/[-.]?\d.*$/, '') || bare(name);
}

/** The numbers in a name, a date left out: `claude-opus-4-10` is 4, 10. */
export function versionOf(name: string): number[] {
  return [
    ...bare(name)
      .replace(/[-@]20\d{6}.*$/, '')
      .matchAll(/\d+/g),
  ]
    .map(([digits]) => Number(digits))
    .slice(0, 4);
}

/** Newest first; of the same version the shorter name first, which is the plain variant. */
export function byVersion(left: OfferedModel, right: OfferedModel): number {
  for (let at = 0; at < Math.max(left.version.length, right.version.length); at++) {
    const difference = (right.version[at] ?? -1) - (left.version[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return left.name.length - right.name.length || (left.name < right.name ? -1 : 1);
}

function bare(name: string): string {
  return name.replace(/^(?:databricks|demo)-/, '');
}

/** Where the gateway does not say: what its namesakes speak (workspace-contract 5.2). */
function usualApiTypes(name: string): string[] {
  if (name.includes('claude-')) return ['anthropic/v1/messages', 'mlflow/v1/chat/completions'];
  if (name.includes('gemini-')) return ['gemini/v1/generateContent', 'mlflow/v1/chat/completions'];
  if (name.includes('gpt-')) return ['openai/v1/responses', 'mlflow/v1/chat/completions'];
  return ['mlflow/v1/chat/completions'];
}

function positive(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
