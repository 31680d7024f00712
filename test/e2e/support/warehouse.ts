import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayError } from '../../../packages/gateway/src/errors/gateway-error.ts';
import { thriftEndpoint } from '../../../packages/gateway/src/http/thrift-endpoint.ts';
import type { SqlEngine, StatementRequest } from '../../../packages/gateway/src/sql/statement.ts';
import { ThriftService } from '../../../packages/gateway/src/sql/thrift/thrift-service.ts';
import type { ResultTable } from '../../../packages/gateway/src/unity/result-table.ts';

/** What a scripted engine answers; `undefined` for a statement that runs until it is cancelled. */
export type Script = (request: StatementRequest) => ResultTable | undefined;

/** The gateway's Thrift path over an engine that answers as the test says. */
export interface ScriptedWarehouse {
  readonly url: string;
  /** The only token that is let in. */
  readonly token: string;
  readonly requests: readonly StatementRequest[];
  close(): Promise<void>;
}

export async function startWarehouse(script: Script): Promise<ScriptedWarehouse> {
  const token = 'ucg_scripted';
  const requests: StatementRequest[] = [];
  const engine: SqlEngine = {
    async execute(request, signal) {
      requests.push(request);
      const result = script(request);
      if (result) return result;
      if (!signal?.aborted) await once(signal!, 'abort');
      throw new GatewayError('caller_sql_cancelled', 'The statement was cancelled.');
    },
    close: async () => {},
  };
  const [route] = thriftEndpoint(new ThriftService({ engine }));
  const server = createServer((request, response) => {
    const exchange = {
      request,
      response,
      params: { id: request.url?.split('/').at(-1) ?? '' },
      requestId: 'r1',
      sourceIp: undefined,
    };
    const principal = {
      id: '1',
      userName: 'ada@example.com',
      type: 'USER',
      groups: [],
      active: true,
      authMode: 'PAT',
      scopes: new Set(['all-apis']),
      tokenId: 't',
    } as const;
    const answer = (cause: unknown): void => {
      const error = cause instanceof GatewayError ? cause : new GatewayError('gateway_internal', String(cause));
      route!.answerError(error, exchange);
    };
    if (request.headers.authorization === `Bearer ${token}`) {
      route!.serve({ ...exchange, principal }).catch(answer);
    } else answer(new GatewayError('caller_unauthenticated', 'The token is not known.'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
