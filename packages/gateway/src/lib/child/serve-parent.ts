import {
  plainErrors,
  type CallMessage,
  type ErrorCodec,
  type NoteMessage,
  type ReplyMessage,
} from './child-channel.ts';

export type Handlers = Readonly<Record<string, (params: never) => unknown>>;

/**
 * The child's end: answers the parent's calls by `handlers`, several at once. The process ends when the
 * parent does.
 * @param onNote takes what the parent says without asking.
 * @returns a way to tell the parent something.
 */
export function serveParent(
  handlers: Handlers,
  options: { readonly errors?: ErrorCodec; readonly onNote?: (name: string, data: unknown) => void } = {},
): { note(name: string, data: unknown): void } {
  const { errors = plainErrors, onNote } = options;
  const send = (message: ReplyMessage | NoteMessage): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('message', (message: CallMessage | NoteMessage) => {
    if (message.kind === 'note') return onNote?.(message.name, message.data);
    const { id, method, params } = message;
    void (async () => {
      try {
        const handler = handlers[method];
        if (!handler) throw new Error(`No method ${method}.`);
        send({ kind: 'reply', id, ok: true, value: await handler(params as never) });
      } catch (error) {
        send({ kind: 'reply', id, ok: false, error: errors.flatten(error) });
      }
    })();
  });
  process.on('disconnect', () => process.exit(0));
  return { note: (name, data) => send({ kind: 'note', name, data }) };
}
