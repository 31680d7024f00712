import { GatewayError } from '../../errors/gateway-error.ts';

/** What lies behind the codes that an operator can do something about. */
const explanations: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted; the file system has to allow hard links',
  ENOTSUP: 'the file system does not support the operation; it has to allow hard links',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on the machine',
  EIO: 'the disk reports an input/output error',
  EISDIR: 'a directory is where a file should be',
  ENOTDIR: 'a file is where a directory should be',
  ENAMETOOLONG: 'a name is too long for the file system',
  ENOENT: 'a file is missing',
};

/** An error of the file system as `gateway_lake_unavailable`; the path stays in `cause`. Anything else as it is. */
export function storageError(error: unknown, action: 'read' | 'written' | 'listed' | 'deleted'): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  const why = explanations[code] ?? 'the file system reports an error';
  return new GatewayError('gateway_lake_unavailable', `The lake's storage cannot be ${action}: ${why} (${code}).`, {
    cause: error,
  });
}

/** The file system's code, such as `ENOENT`, or `undefined` where the error is not its own. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof GatewayError || !(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined && typeof code === 'string' ? code : undefined;
}
