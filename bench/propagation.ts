/**
 * `npm run bench:propagation`: how long a change made through one gateway takes until it is in force in another one on the
 * same PostgreSQL. The aim is 5 s (issue: governance). Prints Markdown.
 *   npm run bench:propagation -- --rounds 20
 */
import { parseArgs } from 'node:util';
import { startGateway, type Gateway } from '../test/support/gateway-process.ts';
import { startPostgres } from '../test/support/postgres.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const SERVICE = 'main.default.measured';
const UNITY = '/api/2.1/unity-catalog';

interface Robot {
  readonly applicationId: string;
}

interface MadeToken {
  readonly token_value: string;
  readonly token_info: { readonly token_id: string };
}

const postgres = await startPostgres();
const gateways: Gateway[] = [];
try {
  const config = JSON.stringify({
    users: [{ name: 'root', groups: ['admins'] }],
    state: { url: await postgres.createDatabase() },
    encryption: { key: Buffer.alloc(32, 7).toString('base64') },
    model_provider_services: [{ name: 'main.default.demo', config: { demo: { direct: {} }, allow_all_targets: true } }],
  });
  const first = await startGateway({ config });
  gateways.push(first);
  const second = await startGateway({ config, token: first.token, data: `${first.data}-of-the-other` });
  gateways.push(second);
  console.log(report(await measured(first, second)));
} finally {
  for (const gateway of gateways.toReversed()) await gateway.stop();
  await postgres.stop();
}

/** Milliseconds of each round, by change. */
async function measured(first: Gateway, second: Gateway): Promise<Map<string, number[]>> {
  const { token } = first;
  const external = {
    model_provider_service: 'model-provider-services/main.default.demo',
    target: { model: 'demo-gpt-5-5' },
  };
  const routing = { destinations: [{ name: 'd', external_model_config: external }] };
  await asked(first, token, 'POST', `${UNITY}/model-services?parent=schemas/main.default&model_service_id=measured`, {
    config: { routing },
  });
  const robot = await asked<Robot>(first, token, 'POST', '/api/2.0/preview/scim/v2/ServicePrincipals', {
    displayName: 'robot',
  });
  const times = new Map<string, number[]>([
    ['a grant', []],
    ['a grant taken away', []],
    ['a token revoked', []],
  ]);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const made = await asked<MadeToken>(first, token, 'POST', '/api/2.0/token-management/on-behalf-of/tokens', {
      application_id: robot.applicationId,
    });
    const robotToken = made.token_value;
    // Its own change has reached the other gateway before anything is measured.
    await until(second, robotToken, 404);
    const permissions = `${UNITY}/permissions/model_service/${SERVICE}`;
    const change = (kind: 'add' | 'remove') => ({
      changes: [{ principal: robot.applicationId, [kind]: ['EXECUTE'] }],
    });
    await asked(first, token, 'PATCH', permissions, change('add'));
    times.get('a grant')?.push(await until(second, robotToken, 200));
    await asked(first, token, 'PATCH', permissions, change('remove'));
    times.get('a grant taken away')?.push(await until(second, robotToken, 404));
    await asked(first, token, 'DELETE', `/api/2.0/token-management/tokens/${made.token_info.token_id}`);
    times.get('a token revoked')?.push(await until(second, robotToken, 401));
  }
  return times;
}

/** Milliseconds until a call of the service is answered with this status. */
async function until(gateway: Gateway, token: string, status: number): Promise<number> {
  const begin = performance.now();
  const body = JSON.stringify({ model: SERVICE, messages: [{ role: 'user', content: 'hi' }] });
  for (;;) {
    const answer = await fetch(`${gateway.url}/ai-gateway/mlflow/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body,
    });
    await answer.arrayBuffer();
    const took = performance.now() - begin;
    if (answer.status === status) return took;
    if (took > 60_000) throw new Error(`Waited a minute for ${status}; the last answer was ${answer.status}.`);
  }
}

async function asked<T>(gateway: Gateway, token: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

function report(times: ReadonlyMap<string, readonly number[]>): string {
  const rows = [...times].map(([what, each]) => {
    const sorted = each.toSorted((a, b) => a - b);
    const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((one) => Math.round(one ?? 0));
    return `| ${what} | ${median} | ${most} |`;
  });
  return ['| change | median ms | longest ms |', '| --- | ---: | ---: |', ...rows].join('\n');
}
