/** The code of an error of the operating system (`ENOENT`), or `undefined`. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** What went wrong with a file, as a sentence's end: `there is no space left on the disk`. */
export function systemProblem(error: unknown): string {
  const code = systemCode(error);
  return (code && problems[code]) ?? (error instanceof Error ? error.message : String(error));
}

const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'its symbolic links form a circle',
  EMFILE: 'too many files are open',
};
