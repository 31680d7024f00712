import manifest from '../../package.json' with { type: 'json' };

/** Version of the gateway, from its package. */
export const version: string = manifest.version;
