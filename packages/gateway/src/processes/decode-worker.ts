import '../otel/decode-worker.ts';
