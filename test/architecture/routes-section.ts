// Renders the sections of docs/reference/http.md that list the control plane route by route, from the descriptions that
// validate and document them. Run by itself it writes them into the page:
//   node scripts/node24.mjs test/architecture/routes-section.ts
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlacedOperation } from '../../packages/gateway/src/http/openapi/document-types.ts';
import { oauthOperations } from '../../packages/gateway/src/http/openapi/oauth-operations.ts';
import { restRoutes } from '../../packages/gateway/src/http/rest/index.ts';
import type { RestRoute } from '../../packages/gateway/src/http/rest-route.ts';

/** Where the page lies. */
export const httpPage = path.join(import.meta.dirname, '..', '..', 'docs', 'reference', 'http.md');

const BEGIN =
  '<!-- Routes: made from their descriptions by test/architecture/routes-section.ts. Do not edit to the end mark. -->';
const END = '<!-- End of the routes. -->';

/** Where SCIM is served a second time; the page shows the first. */
const SCIM_TOO = '/api/2.0/account/scim/v2/';

interface Section {
  readonly title: string;
  /** Of the descriptions. Every tag is in one section. */
  readonly tags: readonly string[];
  readonly text?: string;
}

const sections: readonly Section[] = [
  { title: 'Discovery', tags: ['discovery', 'operations', 'aiGateway', 'servingEndpoints'] },
  {
    title: 'Sign-in',
    tags: ['oauth'],
    text: 'OAuth 2.1 and OpenID Connect; the guide is [sign-in](../guides/sign-in.md).',
  },
  {
    title: 'People and machines',
    tags: ['scim', 'servicePrincipalSecrets'],
    text: `SCIM 2.0, also below \`${SCIM_TOO}\`. Who is not an admin sees themselves and their own groups.`,
  },
  { title: 'Tokens', tags: ['tokens', 'tokenManagement'] },
  {
    title: 'Services',
    tags: ['modelServices', 'modelProviderServices'],
    text: 'Who may see, call and change a service is granted: [permissions](../guides/permissions.md). A hidden one is not found.',
  },
  {
    title: 'Catalog and permissions',
    tags: ['unityCatalog'],
    text: 'JSON as in a Databricks workspace, paged by `max_results` and `page_token`. What the caller may not see is not found.',
  },
  {
    title: 'Spend, limits, budgets and invoices',
    tags: ['budgets', 'invoices'],
    text: 'Rate limits are set in `config.rate_limits` of a service: [rate limits](../guides/rate-limits.md), [budgets](../guides/budgets.md), [invoices](../guides/invoices.md).',
  },
  {
    title: 'Agent configuration',
    tags: ['codingAgentConfigs'],
    text: 'Everybody may read it: [agent configuration](../guides/agent-configuration.md).',
  },
  {
    title: 'SQL',
    tags: ['sql'],
    text: 'The one warehouse is `default`; drivers speak Thrift to `POST /sql/1.0/warehouses/default`. The audit log is a table, `system.access.audit`: [audit log](audit-log.md).',
  },
  { title: 'Telemetry tables', tags: ['otel'] },
];

interface Row {
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly who: string;
  readonly summary: string;
}

/** The sections, between their marks. @throws Error where a tag is in no section. */
export function renderRoutes(): string {
  const rows = [...restRoutes.map(rowOfRoute), ...oauthOperations.map(rowOfOperation)].filter(
    (row) => !row.path.startsWith(SCIM_TOO),
  );
  const known = new Set(sections.flatMap(({ tags }) => tags));
  const unknown = rows.find(({ tag }) => !known.has(tag));
  if (unknown) throw new Error(`No section of docs/reference/http.md has the tag '${unknown.tag}'.`);
  return [
    BEGIN,
    '',
    'Below, *users* are all with a valid token: what they see and may do depends on their grants. *Admins* are members of the group `admins`,',
    '*clients* are applications of the sign-in, *anyone* needs no token. [openapi.json](openapi.json) has parameters, bodies and answers.',
    ...sections.flatMap(({ title, tags, text }) => [
      '',
      `## ${title}`,
      '',
      ...(text === undefined ? [] : [text, '']),
      '| route | for | what it does |',
      '| --- | --- | --- |',
      ...rows
        .filter(({ tag }) => tags.includes(tag))
        .map(({ method, path: at, who, summary }) => `| \`${method} ${at}\` | ${who} | ${summary} |`),
    ]),
    '',
    END,
  ].join('\n');
}

/** The part of the page that `renderRoutes` makes; empty where its marks are missing. */
export function routesOf(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  return begin < 0 || end < begin ? '' : page.slice(begin, end + END.length);
}

const WHO = { public: 'anyone', user: 'users', admin: 'admins' } as const;

function rowOfRoute({ method, path: at, describe }: RestRoute): Row {
  return { tag: describe.tag, method, path: at, who: WHO[describe.access], summary: describe.summary };
}

function rowOfOperation({ method, path: at, operation }: PlacedOperation): Row {
  const schemes = operation.security.flatMap((one) => Object.keys(one));
  const who = schemes.includes('clientBasic') ? 'clients' : schemes.length > 0 ? 'users' : 'anyone';
  return { tag: operation.tags[0] ?? '', method: method.toUpperCase(), path: at, who, summary: operation.summary };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(httpPage, 'utf8');
  writeFileSync(
    httpPage,
    page.replace(routesOf(page), () => renderRoutes()),
  );
}
