import { GatewayError } from '../../errors/gateway-error.ts';
import { checkKey } from './object-key.ts';

/** A place in a bucket. */
export interface S3Location {
  readonly bucket: string;
  /** Before every key: `''`, or something that ends in `/`. */
  readonly prefix: string;
}

const SCHEME = 's3://';
/** Also admits the upper case and underscores of old buckets and other stores. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;

/** Whether a `lake.root` is in an object store. */
export function isS3Root(root: string): boolean {
  return root.startsWith(SCHEME);
}

/**
 * Takes `s3://bucket/prefix` apart. Slashes at the end do not count.
 * @throws GatewayError `gateway_lake_unavailable` when it names no bucket or an impossible prefix.
 */
export function parseS3Location(root: string): S3Location {
  const [bucket = '', ...parts] = root.slice(SCHEME.length).replace(/\/+$/, '').split('/');
  const prefix = parts.join('/');
  try {
    if (!isS3Root(root) || !BUCKET.test(bucket)) throw new Error('No bucket.');
    if (prefix !== '') checkKey(prefix);
  } catch (cause) {
    throw new GatewayError(
      'gateway_lake_unavailable',
      'lake.root is not an address of the form s3://bucket/prefix. Correct it in the configuration.',
      { cause },
    );
  }
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}
