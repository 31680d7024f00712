import { z } from 'zod';

// What names a Unity Catalog object: no dots, slashes, blanks or control characters within a level.
const LEVEL = '[^./\\s\\p{Cc}]{1,255}';

/**
 * A three-level name, with or without the resource prefix that the REST API writes
 * (`model-services/main.team.fast`). Gives the bare name.
 */
export function threeLevelName(prefix: 'model-services' | 'model-provider-services') {
  const pattern = new RegExp(`^(?:${prefix}/)?${LEVEL}\\.${LEVEL}\\.${LEVEL}$`, 'u');
  return z
    .string()
    .regex(pattern, {
      error: 'expected a name of three levels, catalog.schema.name, with dashes instead of dots within a level',
    })
    .transform((name) => name.slice(name.indexOf('/') + 1));
}
