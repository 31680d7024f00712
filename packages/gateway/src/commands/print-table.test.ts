import { expect, test } from 'vitest';
import { formatTable } from './print-table.ts';

test('aligns text left and figures right, and lets no text steer the terminal', () => {
  const columns = [{ heading: 'NAME' }, { heading: 'N', figures: true }, { heading: 'NOTE' }];
  const rows = [
    ['ada', '5', ''],
    ['barbara', '1000', '\u001b[31mred'],
  ];
  expect(formatTable(columns, rows)).toBe('NAME        N  NOTE\nada         5\nbarbara  1000  �[31mred');
});
