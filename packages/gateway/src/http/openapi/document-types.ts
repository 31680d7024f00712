/** A JSON Schema, draft 2020-12, as OpenAPI 3.1 has them. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema };
}

export type Answer = { readonly $ref: string } | { readonly description: string; readonly content?: Content };

/** One operation of an OpenAPI 3.1 document. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
  /** Empty: no token is needed. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** An operation and where it stands. */
export interface PlacedOperation {
  readonly method: Method;
  /** OpenAPI's path template, which is also the routes' own. */
  readonly path: string;
  readonly operation: Operation;
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
