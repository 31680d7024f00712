/** A JSON object of SCIM, its attributes named as the schema names them. */
export type ScimObject = { [name: string]: unknown };

/** An attribute of a resource, as far as we keep it. */
export interface ScimAttribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'reference' | 'dateTime';
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly mutability?: 'readWrite' | 'readOnly' | 'immutable' | 'writeOnly';
  readonly caseExact?: boolean;
  readonly unique?: boolean;
  readonly description: string;
  readonly sub?: readonly ScimAttribute[];
}

/** What a kind of resource consists of. */
export interface ScimSchema {
  readonly urn: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly ScimAttribute[];
}

const text = (name: string, description: string, more: Partial<ScimAttribute> = {}): ScimAttribute => ({
  name,
  type: 'string',
  description,
  ...more,
});

const groups: ScimAttribute = {
  name: 'groups',
  type: 'complex',
  multiValued: true,
  mutability: 'readOnly',
  description: 'Groups it is in, directly or through others.',
  sub: [
    text('value', 'Id of the group.'),
    text('display', 'Name of the group.'),
    text('type', 'direct or indirect.'),
    { name: '$ref', type: 'reference', description: 'Address of the group.' },
  ],
};

const entitlements: ScimAttribute = {
  name: 'entitlements',
  type: 'complex',
  multiValued: true,
  mutability: 'readOnly',
  description: 'What everybody may: workspace-access and databricks-sql-access.',
  sub: [text('value', 'Name of the entitlement.')],
};

const externalId = text('externalId', 'Id in the identity provider.', { caseExact: true });
const active: ScimAttribute = {
  name: 'active',
  type: 'boolean',
  description: 'Whether it may use the gateway. Deactivation ends every token at once.',
};

/** Attributes that every resource has (RFC 7643 3.1). */
const common: readonly ScimAttribute[] = [
  text('id', 'Id here.', { mutability: 'readOnly', caseExact: true }),
  {
    name: 'meta',
    type: 'complex',
    mutability: 'readOnly',
    description: 'Kind, times and version.',
    sub: [
      text('resourceType', 'Kind.'),
      { name: 'created', type: 'dateTime', description: 'When it was made.' },
      { name: 'lastModified', type: 'dateTime', description: 'When it was changed.' },
      { name: 'location', type: 'reference', description: 'Address.' },
      text('version', 'Entity tag.', { caseExact: true }),
    ],
  },
];

export const userSchema: ScimSchema = {
  urn: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'Somebody who uses the gateway',
  attributes: [
    ...common,
    text('userName', 'E-mail address or log-in name.', { required: true, unique: true }),
    text('displayName', 'Name for people.'),
    {
      name: 'name',
      type: 'complex',
      description: 'Parts of the name.',
      sub: [text('givenName', 'Given name.'), text('familyName', 'Family name.'), text('formatted', 'Whole name.')],
    },
    active,
    {
      name: 'emails',
      type: 'complex',
      multiValued: true,
      description: 'E-mail addresses.',
      sub: [
        text('value', 'The address.'),
        text('type', 'work, home, other.'),
        { name: 'primary', type: 'boolean', description: 'Whether it is the main one.' },
      ],
    },
    externalId,
    text('password', 'For local sign-in.', { mutability: 'writeOnly', caseExact: true }),
    groups,
    entitlements,
  ],
};

export const servicePrincipalSchema: ScimSchema = {
  urn: 'urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal',
  name: 'ServicePrincipal',
  description: 'The account of a machine',
  attributes: [
    ...common,
    text('applicationId', 'What it signs in as.', { mutability: 'immutable', unique: true }),
    text('displayName', 'Name for people.'),
    active,
    externalId,
    groups,
    entitlements,
  ],
};

export const groupSchema: ScimSchema = {
  urn: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'Users, service principals and groups that are granted things together',
  attributes: [
    ...common,
    text('displayName', 'Name, as grants name it.', { required: true, unique: true }),
    {
      name: 'members',
      type: 'complex',
      multiValued: true,
      description: 'Who is in it directly.',
      sub: [
        text('value', 'Id of the member.'),
        text('display', 'Name of the member.'),
        text('type', 'User, ServicePrincipal or Group.'),
        { name: '$ref', type: 'reference', description: 'Address of the member.' },
      ],
    },
    externalId,
    groups,
    entitlements,
  ],
};

/** The attribute of that name, in any case; `undefined` for what we do not keep. */
export function attributeNamed(attributes: readonly ScimAttribute[], name: string): ScimAttribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((attribute) => attribute.name.toLowerCase() === wanted);
}

/** A name with the schema's URN before it, without it; `undefined` for names of extensions. */
export function withoutUrn(name: string, schema: ScimSchema): string | undefined {
  if (!/^urn:/i.test(name)) return name;
  const prefix = `${schema.urn}:`.toLowerCase();
  return name.toLowerCase().startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

/**
 * What a client sent, with names as the schema has them, booleans made of `"True"` and `"False"` (Entra), and without
 * what we do not keep. Never has a prototype's names.
 */
export function canonical(value: unknown, attributes: readonly ScimAttribute[]): ScimObject {
  const result: ScimObject = {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return result;
  for (const [name, given] of Object.entries(value)) {
    const attribute = attributeNamed(attributes, name);
    if (attribute !== undefined) result[attribute.name] = canonicalValue(given, attribute);
  }
  return result;
}

/** One attribute's value, likewise. What has the wrong shape is left for the reader to refuse. */
export function canonicalValue(given: unknown, attribute: ScimAttribute): unknown {
  if (attribute.multiValued === true) {
    if (given === null || given === undefined) return [];
    return (Array.isArray(given) ? given : [given]).map((one: unknown) => canonicalElement(one, attribute));
  }
  return attribute.type === 'complex' ? canonical(given, attribute.sub ?? []) : simple(given, attribute);
}

/** One of several values; a plain one stands for its `value`. */
export function canonicalElement(given: unknown, attribute: ScimAttribute): ScimObject {
  return typeof given === 'object' && given !== null ? canonical(given, attribute.sub ?? []) : { value: given };
}

function simple(given: unknown, attribute: ScimAttribute): unknown {
  if (attribute.type !== 'boolean' || typeof given !== 'string') return given;
  return /^true$/i.test(given) ? true : /^false$/i.test(given) ? false : given;
}
