import type { DialectId, Operation } from '../dialects/dialect.ts';
import type { Provider } from './provider.ts';

/** The operations that a provider service with these options has in a dialect; none where it does not speak it. */
// oxlint-disable-next-line no-explicit-any
export function nativeOperations(provider: Provider<any>, options: unknown, dialect: DialectId): readonly Operation[] {
  return (provider.dialectsOf?.(options) ?? provider.dialects)[dialect] ?? [];
}
