import { expect, test } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import { budgetHeaders } from './budget-headers.ts';
import { encodeError } from './encode-error.ts';

const standing = {
  utilization: 0.5,
  exhausted: false,
  resetsAt: 1_764_547_200_000,
  period: 'MONTH',
  shared: false,
} as const;

test('well below: allowed, with the share', () => {
  expect(budgetHeaders(standing)).toEqual({
    'anthropic-ratelimit-unified-status': 'allowed',
    'anthropic-ratelimit-unified-reset': '1764547200',
    'anthropic-ratelimit-unified-overage-reset': '1764547200',
    'anthropic-ratelimit-unified-overage-utilization': '0.5',
    'anthropic-ratelimit-unified-representative-claim': 'overage',
    'anthropic-ratelimit-unified-overage-status': 'allowed',
  });
});

test.each([
  [0.75, undefined],
  [0.7501, '0.75'],
  [0.96, '0.95'],
])('at %d the highest threshold passed is %s', (utilization, passed) => {
  const headers = budgetHeaders({ ...standing, utilization });
  expect(headers['anthropic-ratelimit-unified-overage-surpassed-threshold']).toBe(passed);
  const status = passed === undefined ? 'allowed' : 'allowed_warning';
  expect(headers['anthropic-ratelimit-unified-status']).toBe(status);
});

test('used up: rejected, with period and whose it is', () => {
  const headers = budgetHeaders({ ...standing, utilization: 1.01, exhausted: true, period: 'WEEK', shared: true });
  expect(headers).toMatchObject({
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-overage-surpassed-threshold': '1',
    'anthropic-ratelimit-unified-overage-period': 'weekly',
    'anthropic-ratelimit-unified-overage-disabled-reason': 'org_spend_cap_reached',
    'anthropic-ratelimit-unified-overage-scope': 'group_pool',
  });
  expect(headers).not.toHaveProperty('anthropic-ratelimit-unified-overage-status');
});

test.each([
  [429, 'false'],
  [400, undefined],
])('a used-up budget with status %d is a billing error, which is not tried again', (status, retry) => {
  const error = new GatewayError('policy_budget_exhausted', 'It is used up.', { status, retryAfterSeconds: 30 });
  const answer = encodeError(error, 'req-1');
  expect(answer.status).toBe(status);
  expect(answer.headers['x-should-retry']).toBe(retry);
  expect(JSON.parse(answer.body)).toMatchObject({ error: { type: 'billing_error', message: 'It is used up.' } });
});
