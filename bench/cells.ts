import type { LoadPlan } from './load.ts';

/** One thing that is measured, the same for every target. */
export interface Cell {
  readonly id: string;
  readonly title: string;
  readonly load: Pick<LoadPlan, 'model' | 'body' | 'connections' | 'requests' | 'kind'>;
}

/** `size` 1 is a full round; smaller is quicker and noisier. */
export function cells(size: number): readonly Cell[] {
  const times = (count: number) => Math.max(8, Math.round(count * size));
  return [
    {
      id: 'json',
      title: '2 KB JSON, 32 connections',
      load: { model: 'bench-json', body: 'small', connections: 32, requests: times(12_000), kind: 'closed' },
    },
    {
      id: 'json-latency',
      title: '2 KB JSON, 1 connection',
      load: { model: 'bench-json', body: 'small', connections: 1, requests: times(2000), kind: 'closed' },
    },
    {
      id: 'large',
      title: '320 KB body, 16 connections',
      load: { model: 'bench-json', body: 'large', connections: 16, requests: times(2000), kind: 'closed' },
    },
    {
      id: 'large-latency',
      title: '320 KB body, 1 connection',
      load: { model: 'bench-json', body: 'large', connections: 1, requests: times(400), kind: 'closed' },
    },
    {
      id: 'burst',
      title: 'SSE of 200 chunks at once, 16 connections',
      load: { model: 'bench-burst', body: 'small', connections: 16, requests: times(800), kind: 'closed' },
    },
    {
      id: 'paced',
      title: 'SSE of 200 chunks, one per 5 ms, 20 streams',
      load: { model: 'bench-paced', body: 'small', connections: 20, requests: times(60), kind: 'paced' },
    },
    {
      id: 'idle',
      title: '1,000 open idle streams',
      load: { model: 'bench-idle', body: 'small', connections: 1000, requests: 1000, kind: 'idle' },
    },
  ];
}
