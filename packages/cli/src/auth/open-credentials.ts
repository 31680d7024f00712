import path from 'node:path';
import type { Environment } from '../platform/environment.ts';
import { FileCredentials } from './file-credentials.ts';
import type { CredentialStore } from './token.ts';

/** The system's keychain where there is one that works, else a 0600 file. `UCODE_CREDENTIALS=file` chooses the file. */
export async function openCredentials(environment: Environment): Promise<CredentialStore> {
  const file = new FileCredentials(path.join(environment.ucodeHome, 'credentials.json'));
  if (environment.variables['UCODE_CREDENTIALS'] === 'file') return file;
  const [{ findKeychain }, { KeychainOrFile }] = await Promise.all([
    import('./keychain.ts'),
    import('./keychain-or-file.ts'),
  ]);
  const keychain = await findKeychain(environment);
  return keychain === undefined ? file : new KeychainOrFile(keychain, file);
}
