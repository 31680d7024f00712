import type { LakeConfig } from '../../config/gateway-config.ts';
import { FileCache } from './file-cache.ts';
import { LocalStore } from './local-store.ts';
import type { ObjectStore } from './object-store.ts';
import { probeConditionalPut } from './probe.ts';
import { isS3Root } from './s3-location.ts';
import { S3Store } from './s3-store.ts';

/**
 * Opens the store that `lake.root` names. One in S3 is tried out first: it must have conditional writes.
 * @param options.cacheDirectory for local copies of remote files; belongs to this process alone.
 * @throws GatewayError `gateway_lake_unavailable` when the store cannot be reached; Error when it is unfit.
 */
export async function openStore(
  config: LakeConfig,
  options: { readonly cacheDirectory: string },
): Promise<ObjectStore> {
  if (!isS3Root(config.root)) return new LocalStore(config.root);
  const cache = await FileCache.open({ directory: options.cacheDirectory, maxBytes: config.s3.cacheMaxBytes });
  const store = await S3Store.open({ root: config.root, config: config.s3, cache });
  await probeConditionalPut(store);
  return store;
}
