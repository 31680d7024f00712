import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { checkKey } from './object-key.ts';
import type { ObjectInfo } from './object-store.ts';
import { lakeUnavailable, S3Failure } from './s3-failure.ts';
import type { S3Location } from './s3-location.ts';
import type { S3Requests } from './s3-requests.ts';

const DOING = 'list objects';

/**
 * Objects below a prefix in ascending order of key (UTF-8), as general purpose buckets list them. Each page
 * begins after the last key of the page before, so a page can be asked for again. Objects of others whose
 * keys are none of ours (such as the empty objects that stand for directories) are left out.
 * @throws GatewayError `gateway_lake_unavailable`
 */
export async function* listS3Objects(
  requests: S3Requests,
  { bucket, prefix: root }: S3Location,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<ObjectInfo> {
  let after = startAfter ? root + startAfter : undefined;
  for (;;) {
    const input = {
      Bucket: bucket,
      Prefix: root + prefix,
      EncodingType: 'url',
      ...(after === undefined ? {} : { StartAfter: after }),
    } as const;
    const page = await requests.repeat(DOING, () =>
      requests.once(async (client, { abortSignal }) => {
        const answer = await client.listObjectsV2(input, { abortSignal });
        // Something that is no listing, from a proxy say, must not pass for an empty one.
        if (answer.IsTruncated === undefined) throw new S3Failure('transient', 'NoListing', 200);
        return answer;
      }),
    );
    const objects = decode(page);
    for (const { key: fullKey, size, modifiedAt } of objects) {
      const key = fullKey.slice(root.length);
      if (isOurs(key)) yield { key, size, modifiedAt };
    }
    if (!page.IsTruncated) return;
    const last = objects.at(-1)?.key;
    // A store that does not know StartAfter would send the same page for ever.
    if (last === undefined || last === after)
      throw lakeUnavailable(DOING, new S3Failure('refused', 'EndlessList', 200));
    after = last;
  }
}

function decode({ Contents = [], EncodingType }: ListObjectsV2CommandOutput): ObjectInfo[] {
  return Contents.map(({ Key = '', Size = 0, LastModified }) => ({
    key: EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
    size: Size,
    modifiedAt: LastModified?.getTime() ?? 0,
  }));
}

function isOurs(key: string): boolean {
  try {
    checkKey(key);
    return true;
  } catch {
    return false;
  }
}
