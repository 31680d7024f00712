import { z } from 'zod';
import type { RestRoute, RouteDescription } from '../rest-route.ts';
import type { Answer, Content, JsonSchema, Method, Parameter, PlacedOperation } from './document-types.ts';
import { errorAnswers, type ErrorShape } from './error-shapes.ts';
import { tokenSecurity } from './security.ts';

/** The operation of a route, from its description. */
export function routeOperation(route: RestRoute): PlacedOperation {
  const { describe, method, path } = route;
  const isPublic = describe.access === 'public';
  const parameters = [...pathParameters(path), ...queryParameters(describe)];
  return {
    method: method.toLowerCase() as Method,
    path,
    operation: {
      operationId: describe.id,
      summary: describe.summary,
      ...(describe.access === 'admin' ? { description: 'For members of the group admins.' } : {}),
      tags: [describe.tag],
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(describe.body === undefined
        ? {}
        : { requestBody: { required: true, content: json(bodySchema(describe.body)) } }),
      responses: { [String(describe.status ?? 200)]: success(route), ...errorAnswers(shapeOf(route), statuses(route)) },
      security: isPublic ? [] : tokenSecurity(route.scopes),
    },
  };
}

/** Parameters of a path template: `{name}` in it. */
export function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

/** A schema that validates what comes in, as JSON Schema. What JSON Schema cannot say is left open. */
export function bodySchema(schema: z.ZodType): JsonSchema {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

function queryParameters({ query = {} }: RouteDescription): Parameter[] {
  return Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !schema.safeParse(undefined).success,
    ...(schema.description === undefined ? {} : { description: schema.description }),
    schema: bodySchema(schema),
  }));
}

function success({ describe, dialect }: RestRoute): Answer {
  if (describe.status === 204) return { description: 'Done.' };
  const schema = describe.answer
    ? plain(z.toJSONSchema(describe.answer, { io: 'output', unrepresentable: 'any' }))
    : { type: 'object' };
  return { description: dialect === undefined ? 'Done.' : "As the API's own vendor answers.", content: json(schema) };
}

function statuses({ path, describe }: RestRoute): number[] {
  return [
    ...(describe.body === undefined && describe.query === undefined ? [] : [400]),
    ...(describe.access === 'public' ? [] : [401, 403]),
    ...(path.includes('{') ? [404] : []),
  ];
}

function shapeOf({ dialect, errorShape }: RestRoute): ErrorShape {
  if (errorShape !== undefined) return errorShape;
  if (dialect === undefined) return 'rest';
  return dialect === 'anthropic-messages' ? 'anthropic' : dialect === 'gemini' ? 'gemini' : 'openai';
}

function json(schema: JsonSchema): Content {
  return { 'application/json': { schema } };
}

function plain({ $schema: _, ...schema }: Readonly<Record<string, unknown>>): JsonSchema {
  return schema;
}
