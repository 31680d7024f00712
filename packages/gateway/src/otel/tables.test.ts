import { describe, expect, it } from 'vitest';
import { typeText } from '../lake/schema/delta-type.ts';
import { TestCatalog } from '../unity/testing/open-catalog.ts';
import { seedLogsTable, seedMetricsTable } from '../unity/testing/seed-statements.ts';
import { ddlFor } from './table-ddl.ts';
import { otelSchema, schemaVersions, signals } from './tables.ts';

const names = (signal: 'metrics' | 'logs' | 'traces', version: 'v1' | 'v2'): string[] =>
  otelSchema(signal, version).fields.map(({ name }) => name);
const type = (signal: 'metrics' | 'logs' | 'traces', version: 'v1' | 'v2', column: string): string =>
  typeText(otelSchema(signal, version).fields.find(({ name }) => name === column)!.type);

const exemplars =
  'array<struct<time_unix_nano:bigint,value:double,span_id:string,trace_id:string,filtered_attributes:map<string,string>>>';
const tail = ['resource', 'resource_schema_url', 'instrumentation_scope'];
const identity = ['record_id', 'time', 'date', 'service_name'];

describe('columns of v1', () => {
  it('are those of the vendor, in order', () => {
    const structs = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary', 'metadata'];
    expect(names('metrics', 'v1')).toEqual([
      'name',
      'description',
      'unit',
      'metric_type',
      ...structs,
      ...tail,
      'metric_schema_url',
    ]);
    expect(names('logs', 'v1').join()).toBe(
      `event_name,trace_id,span_id,time_unix_nano,observed_time_unix_nano,severity_number,severity_text,body,attributes,dropped_attributes_count,flags,${tail.join()},log_schema_url`,
    );
    expect(names('traces', 'v1').join()).toBe(
      `trace_id,span_id,trace_state,parent_span_id,flags,name,kind,start_time_unix_nano,end_time_unix_nano,attributes,dropped_attributes_count,events,dropped_events_count,links,dropped_links_count,status,${tail.join()},span_schema_url`,
    );
  });

  it('have the types of the vendor', () => {
    const number = `start_time_unix_nano:bigint,time_unix_nano:bigint,value:double,exemplars:${exemplars},attributes:map<string,string>,flags:int`;
    expect(type('metrics', 'v1', 'gauge')).toBe(`struct<${number}>`);
    expect(type('metrics', 'v1', 'sum')).toBe(`struct<${number},aggregation_temporality:string,is_monotonic:boolean>`);
    expect(type('metrics', 'v1', 'histogram')).toBe(
      `struct<start_time_unix_nano:bigint,time_unix_nano:bigint,count:bigint,sum:double,bucket_counts:array<bigint>,explicit_bounds:array<double>,exemplars:${exemplars},attributes:map<string,string>,flags:int,min:double,max:double,aggregation_temporality:string>`,
    );
    const buckets = 'struct<offset:int,bucket_counts:array<bigint>>';
    expect(type('metrics', 'v1', 'exponential_histogram')).toBe(
      `struct<attributes:map<string,string>,start_time_unix_nano:bigint,time_unix_nano:bigint,count:bigint,sum:double,scale:int,zero_count:bigint,positive_bucket:${buckets},negative_bucket:${buckets},flags:int,exemplars:${exemplars},min:double,max:double,zero_threshold:double,aggregation_temporality:string>`,
    );
    expect(type('metrics', 'v1', 'summary')).toBe(
      'struct<start_time_unix_nano:bigint,time_unix_nano:bigint,count:bigint,sum:double,quantile_values:array<struct<quantile:double,value:double>>,attributes:map<string,string>,flags:int>',
    );
    expect(type('logs', 'v1', 'severity_number')).toBe('string');
    expect(type('logs', 'v1', 'resource')).toBe('struct<attributes:map<string,string>,dropped_attributes_count:int>');
    expect(type('traces', 'v1', 'status')).toBe('struct<message:string,code:string>');
  });
});

describe('columns of v2', () => {
  it('begin with the identity; metrics lift their times', () => {
    expect(names('metrics', 'v2').slice(0, 7)).toEqual([...identity, 'start_time_unix_nano', 'time_unix_nano', 'name']);
    expect(names('logs', 'v2').slice(4)).toEqual(names('logs', 'v1'));
    expect(names('traces', 'v2').slice(4)).toEqual(names('traces', 'v1'));
    expect(type('metrics', 'v2', 'summary')).not.toContain('unix_nano');
    expect(type('logs', 'v2', 'time')).toBe('timestamp');
  });

  it('hold attributes as JSON text', () => {
    for (const signal of ['metrics', 'logs', 'traces'] as const)
      expect(typeText(otelSchema(signal, 'v2'))).not.toContain('map<');
    expect(type('logs', 'v2', 'attributes')).toBe('string');
  });
});

describe('ddlFor', () => {
  const filled = (statement: string): string =>
    statement.replace('<catalog>.<schema>.<table_prefix>', 'main.default.team').trim().replace(/;$/, '');

  it("is the vendor's statement, letter by letter", () => {
    expect(ddlFor('metrics', 'v1', ['main', 'default', 'team_otel_metrics'])).toBe(filled(seedMetricsTable));
    expect(ddlFor('logs', 'v1', ['main', 'default', 'team_otel_logs'])).toBe(filled(seedLogsTable));
  });

  it.each(signals.flatMap((signal) => schemaVersions.map((version) => [signal, version] as const)))(
    'makes the columns of %s %s when it runs',
    async (signal, version) => {
      const unity = await TestCatalog.open();
      try {
        await unity.run(ddlFor(signal, version, ['main', 'default', 'my table']));
        const { schema, properties } = await unity.lake.describe(
          unity.catalog.find(['main', 'default', 'my table'])!.table!.location,
        );
        expect(schema).toEqual(otelSchema(signal, version));
        expect(properties).toMatchObject({ 'otel.schemaVersion': version });
      } finally {
        await unity.close();
      }
    },
  );
});
