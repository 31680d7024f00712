import type { AuditChange } from '../../audit/audit-event.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Principal } from '../../identity/principal.ts';
import type { TestingIdentity } from '../../identity/testing-identity.ts';
import { isAdmin } from '../../unity/caller.ts';
import type { RestAnswer, RestContext, RestRequest, RestRoute } from '../rest-route.ts';
import { RouteTable } from '../route-table.ts';

/** Calls routes as somebody of a directory, with the router's check of admins, for tests. */
export class DirectoryCaller {
  readonly #routes: RouteTable<RestRoute>;
  readonly #identity: TestingIdentity;
  /** What was told to the audit log. */
  readonly changes: AuditChange[] = [];

  constructor(routes: readonly RestRoute[], identity: TestingIdentity) {
    this.#routes = new RouteTable(routes);
    this.#identity = identity;
  }

  /** @param target method, path and query: `GET /api/x?count=1`. */
  async call(
    userName: string,
    target: string,
    body: object = {},
    more: Partial<RestRequest> = {},
  ): Promise<RestAnswer> {
    const [method = '', address = ''] = target.split(/ (.*)/s);
    const [path = '', query = ''] = address.split(/\?(.*)/s);
    const match = this.#routes.match(method, path);
    if (match === undefined || !('route' in match)) throw new Error(`No route for ${target}`);
    const principal = this.principal(userName);
    if (match.route.describe?.access === 'admin' && !isAdmin(principal)) {
      throw new GatewayError('policy_forbidden', 'Only admins may do this.');
    }
    const { directory, tokens } = this.#identity;
    const request: RestRequest = {
      method,
      params: match.params,
      query: new URLSearchParams(query),
      headers: {},
      principal,
      requestId: 'r1',
      sourceIp: '192.0.2.1',
      body: JSON.parse(JSON.stringify(body)) as Record<string, unknown>,
      origin: 'http://127.0.0.1:8484',
      noteChange: (change) => void this.changes.push(change),
      ...more,
    };
    return match.route.handle(request, { directory, tokens } as RestContext);
  }

  /** The body of an answer. */
  // oxlint-disable-next-line typescript/no-explicit-any
  async body(userName: string, target: string, body: object = {}, more: Partial<RestRequest> = {}): Promise<any> {
    const answer = await this.call(userName, target, body, more);
    return answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
  }

  principal(userName: string): Principal {
    const account = this.#identity.directory.byName(userName);
    if (account === undefined) throw new Error(`Nobody is named ${userName}`);
    const { id, type, groups, active } = account;
    return {
      id,
      userName: account.userName,
      type,
      groups,
      active,
      authMode: 'OAUTH',
      tokenId: 't1',
      scopes: new Set(['all-apis']),
    };
  }
}
