/** Longest password that is read, bytes. */
const MAX_BYTES = 8_192;

/**
 * The password on standard input, without its line end. Never an argument, where other users of the machine see it.
 * @throws Error where none is given.
 */
export async function readPassword(stream: AsyncIterable<Buffer | string> = process.stdin): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MAX_BYTES) throw new Error('The password on standard input is too long.');
    parts.push(bytes);
  }
  const password = Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '' || password.includes('\n')) {
    throw new Error('Standard input must be the password alone, in one line.');
  }
  return password;
}
