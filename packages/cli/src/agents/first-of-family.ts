import type { OfferedModel } from '../workspace/models.ts';

/** The newest model of the first of these families that is offered; else simply the first one. `models` are newest first. */
export function firstOfFamily(models: readonly OfferedModel[], families: readonly string[]): OfferedModel | undefined {
  for (const family of families) {
    const found = models.find((model) => model.family === family || model.family.startsWith(`${family}-`));
    if (found) return found;
  }
  return models[0];
}
