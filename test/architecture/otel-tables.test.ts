// The launcher makes the tables for telemetry in SQL where a workspace has no route for it. They are those of the gateway.
import { expect, it } from 'vitest';
import { createTableStatement } from '../../packages/cli/src/workspace/otel-tables.ts';
import { otelTable, signals } from '../../packages/cli/src/workspace/otel.ts';
import { ddlFor } from '../../packages/gateway/src/otel/table-ddl.ts';
import { signals as gatewaySignals } from '../../packages/gateway/src/otel/tables.ts';

/** Without what SQL does not see. */
const bare = (statement: string): string =>
  statement
    .replaceAll(/[`\s]+/g, ' ')
    .replaceAll(/ ?([<>(),.]) ?/g, '$1')
    .replace('IF NOT EXISTS ', '');

it('the launcher knows every signal', () => expect(signals).toEqual(gatewaySignals));

it.each(signals)("%s: the launcher's statement makes the gateway's table", (signal) => {
  const name = otelTable('main.my-team.ada', signal);
  expect(bare(createTableStatement('main.my-team.ada', signal))).toBe(bare(ddlFor(signal, 'v1', name.split('.'))));
});
