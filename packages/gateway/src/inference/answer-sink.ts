import type { GatewayError } from '../errors/gateway-error.ts';
import type { Observation } from './observation.ts';

/** How an answer ended, for settlement. */
export interface AnswerEnd {
  /** Status the caller got, or 499 when it left first. */
  readonly status: number;
  /** Error catalogue code, when something went wrong. */
  readonly errorCode: string | undefined;
  readonly observation: Observation;
}

/**
 * Takes the bytes of a committed answer to the caller. `settle` is awaited before the last byte goes
 * out, so that an answer the caller has seen whole is on disk (design decision 4).
 */
export interface AnswerSink {
  data(chunk: Buffer): void;
  end(): void;
  /** The provider failed after the head was sent. */
  fail(error: GatewayError): void;
  /** The caller closed its connection. */
  callerLeft(): void;
}

/** The exchange's back-pressure, as a sink needs it. */
export interface Flow {
  pause(): void;
  resume(): void;
}
