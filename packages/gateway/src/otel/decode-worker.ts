import { parentPort } from 'node:worker_threads';
import { gatewayErrors } from '../errors/error-codec.ts';
import type { FlatError } from '../lib/child/child-channel.ts';
import { decodeExport, type ExportRequest } from './decode/decode-export.ts';
import type { DecodedExport } from './signal.ts';

/** What the pool sends: requests, answered in order. */
export type DecodeJob = ExportRequest;

/** What the worker answers. */
export type DecodeAnswer = { readonly decoded: DecodedExport } | { readonly error: FlatError };

/** The worker thread that decodes export requests. Bodies and rows change hands without being copied. */
parentPort?.on('message', (job: DecodeJob) => {
  try {
    const decoded = decodeExport(job);
    const answer: DecodeAnswer = { decoded };
    parentPort?.postMessage(answer, [decoded.lines.buffer as ArrayBuffer]);
  } catch (error) {
    const answer: DecodeAnswer = { error: gatewayErrors.flatten(error) };
    parentPort?.postMessage(answer);
  }
});
