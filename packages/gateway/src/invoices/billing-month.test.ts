import { expect, test } from 'vitest';
import { billingMonth } from './billing-month.ts';
import { invoiceSubject } from './invoice-subject.ts';

const now = Date.UTC(2026, 10, 23);

test('a month is from its first millisecond to that of the next one, in UTC', () => {
  expect(billingMonth('2026-11', now)).toEqual({
    name: '2026-11',
    from: Date.parse('2026-11-01T00:00:00Z'),
    to: Date.parse('2026-12-01T00:00:00Z'),
  });
  expect(billingMonth('2024-12', now).to).toBe(Date.parse('2025-01-01T00:00:00Z'));
});

test.each(['', '2026', '2026-13', '2026-00', '2026-1', '2026-11-01', "2026-11' OR 1=1", '2026-12', '1999-01'])(
  '%j is none',
  (text) => {
    expect(() => billingMonth(text, now)).toThrow(
      expect.objectContaining({ code: 'caller_invalid_parameter', param: 'month' }),
    );
  },
);

test('an invoice is for the workspace, a group or a user', () => {
  expect(invoiceSubject('workspace')).toEqual({ kind: 'workspace' });
  expect(invoiceSubject('group:R&D: east')).toEqual({ kind: 'group', name: 'R&D: east' });
  expect(invoiceSubject('user:ada@example.com')).toEqual({ kind: 'user', name: 'ada@example.com' });
});

test.each(['', 'workspaces', 'group:', 'user:a\nb', 'team:x', `user:${'x'.repeat(301)}`])('%j is nobody', (text) => {
  expect(() => invoiceSubject(text)).toThrow(expect.objectContaining({ param: 'for' }));
});
