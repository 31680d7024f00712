/** A request from the parent to a child process. */
export interface CallMessage {
  readonly kind: 'call';
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** The child's answer to one call. */
export type ReplyMessage =
  | { readonly kind: 'reply'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly ok: false; readonly error: FlatError };

/** Something said without being asked, in either direction. */
export interface NoteMessage {
  readonly kind: 'note';
  readonly name: string;
  readonly data: unknown;
}

/** An error as it travels between processes. `data` holds what a class of its own needs to be made again. */
export interface FlatError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly data: unknown;
}

/** How errors cross; the default keeps name, message and stack. */
export interface ErrorCodec {
  flatten(error: unknown): FlatError;
  revive(flat: FlatError): Error;
}

export const plainErrors: ErrorCodec = {
  flatten(error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { name, message, stack, data: undefined };
  },
  revive({ name, message, stack }) {
    const error = new Error(message);
    error.name = name;
    if (stack !== undefined) error.stack = stack;
    return error;
  },
};
