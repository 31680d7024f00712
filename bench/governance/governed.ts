import { benchService } from '../targets.ts';

const USERS = 10_000;
const GROUPS = 1_000;
const SERVICES = 200;
/** With 200 services: 5,000 limits. */
const LIMITS_PER_SERVICE = 25;
const BUDGETS = 50;
/** Far beyond what the load reaches, so that nothing is refused. */
const PLENTY = 1_000_000_000;

/**
 * A company's configuration: 10,000 users in 1,000 nested groups, 200 services with grants to groups and 25 limits each,
 * 50 budgets. Of these, 9 limits and 3 budgets concern the user of the benchmark.
 * @param redis where limits and budgets are counted; in memory where it is left out.
 */
export function governed(redis?: string): Record<string, unknown> {
  const names = ['bench-json', ...Array.from({ length: SERVICES - 1 }, (_, at) => `service-${at}`)];
  return {
    ...(redis === undefined ? {} : { limits: { redis: { url: redis } } }),
    users: [
      { name: 'bench@localhost', groups: ['group-1', 'group-2', 'group-3'] },
      ...Array.from({ length: USERS - 1 }, (_, at) => ({
        name: `user-${at}@localhost`,
        groups: [`group-${at % GROUPS}`, `group-${(at * 7) % GROUPS}`],
      })),
    ],
    // Every tenth group is in the one before it.
    groups: Array.from({ length: GROUPS }, (_, at) => ({
      name: `group-${at}`,
      ...(at % 10 === 9 ? { groups: [`group-${at - 1}`] } : {}),
    })),
    model_services: names.map((name, at) => {
      const service = benchService(`system.ai.${name}`, name);
      return {
        ...service,
        grants: [1, 2, 3, 4].map((step) => ({ principal: `group-${(at + step) % GROUPS}`, privileges: ['EXECUTE'] })),
        config: { ...service.config, rate_limits: rateLimits() },
      };
    }),
    budgets: Array.from({ length: BUDGETS }, (_, at) => ({
      display_name: `budget ${at}`,
      filter: at < 3 ? {} : { groups: { operator: 'IN', values: [`group-${at + 10}`] } },
      alert_configurations: [
        {
          scope_type: `ALERT_CONFIGURATION_SCOPE_TYPE_${at % 2 === 0 ? 'SHARED' : 'PER_USER'}`,
          time_period: 'MONTH',
          quantity_threshold: '1000000',
          action_configurations: [{ action_type: 'BLOCK_USAGE' }],
        },
      ],
    })),
    prices: { models: { 'bench-json': { input: '1', output: '2' } } },
  };
}

function rateLimits(): Record<string, unknown>[] {
  const limit = (key: string, more: Record<string, unknown> = {}) => ({
    key: `RATE_LIMIT_KEY_${key}`,
    renewal_period: 'RATE_LIMIT_RENEWAL_PERIOD_MINUTE',
    requests: PLENTY,
    tokens: PLENTY,
    ...more,
  });
  const concerning = [
    limit('SERVICE'),
    limit('SERVICE', { renewal_period: 'RATE_LIMIT_RENEWAL_PERIOD_HOUR' }),
    limit('USER_DEFAULT'),
    ...[1, 2, 3].map((at) => limit('USER_GROUP', { principal: `group-${at}` })),
    limit('USER', { principal: 'bench@localhost' }),
    limit('REQUEST_TAG', { request_tag_key: 'team' }),
    limit('REQUEST_TAG', { request_tag_key: 'team', request_tag_value: 'red' }),
  ];
  const others = Array.from({ length: LIMITS_PER_SERVICE - concerning.length }, (_, at) =>
    limit('USER', { principal: `user-${at}@localhost` }),
  );
  return [...concerning, ...others];
}
