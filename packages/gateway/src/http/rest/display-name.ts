import { bareModelName, canonicalModelName } from '../../models/canonical-name.ts';
import { findModelFacts } from '../../models/index.ts';
import { isSystemService } from './resource-names.ts';

/**
 * What people read in a list: the model's own name for a known model of `system.ai`, else the full
 * name of the service, so that no demo and no service of a team passes for the model itself.
 */
export function displayName(name: string): string {
  const isTheModel = isSystemService(name) && bareModelName(name) === canonicalModelName(name);
  return (isTheModel ? findModelFacts(name)?.displayName : undefined) ?? name;
}
