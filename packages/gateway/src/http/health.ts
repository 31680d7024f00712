import type { ServerResponse } from 'node:http';
import type { Runtime } from '../inference/runtime.ts';
import { sendJson } from './rest-errors.ts';

/** What the operational endpoints report beyond the runtime. */
export interface OperationalState {
  /** A graceful stop has begun. */
  stopping: boolean;
  /** Why requests are refused at the moment, if they are. */
  refusing(): string | undefined;
}

type Handler = (runtime: Runtime, state: OperationalState, response: ServerResponse) => void | Promise<void>;

/** Served without a token: liveness, readiness, Prometheus metrics. They carry nothing about callers' content. */
export const operationalRoutes: Readonly<Record<string, Handler | undefined>> = {
  '/healthz': (_runtime, _state, response) => sendJson(response, 200, '{"status":"ok"}'),
  '/readyz': (_runtime, state, response) => {
    const reason = state.stopping ? 'stopping' : state.refusing();
    sendJson(
      response,
      reason ? 503 : 200,
      JSON.stringify(reason ? { status: 'not ready', reason } : { status: 'ready' }),
    );
  },
  '/metrics': async (runtime, _state, response) => {
    const text = await runtime.metrics.registry.metrics();
    response.writeHead(200, { 'content-type': runtime.metrics.registry.contentType });
    response.end(text);
  },
};
