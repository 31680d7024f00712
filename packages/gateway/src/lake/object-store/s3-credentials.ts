import type { S3Config } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';

/** What requests are signed with. Never serialise this. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The credentials of the configuration or, where it names none, of the environment. Nothing else is
 * asked: no file of another tool, no service of the machine's provider.
 * @throws GatewayError `gateway_lake_unavailable` when there are none, or half of a pair.
 */
export function s3Credentials(config: S3Config, environment: NodeJS.ProcessEnv): S3Credentials {
  const configured = config.accessKeyId !== undefined || config.secretAccessKey !== undefined;
  const accessKeyId = configured ? config.accessKeyId : environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = configured ? config.secretAccessKey : environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = configured ? config.sessionToken : environment['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) {
    throw new GatewayError(
      'gateway_lake_unavailable',
      configured
        ? 'Of lake.s3.access_key_id and lake.s3.secret_access_key only one is set. Set both, or neither to use those of the environment.'
        : 'lake.root is in an object store, but there are no credentials for it. Set lake.s3.access_key_id and lake.s3.secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.',
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
