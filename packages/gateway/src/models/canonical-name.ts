/** Names that stand before a model's own name, with a dot: regions of cloud resellers, then vendors. */
const DOTTED_PREFIX =
  /^(?:system\.ai|us|eu|apac|au|jp|ca|global|us-gov|anthropic|openai|google|meta|deepseek|moonshot|moonshotai|zai|qwen|mistral|amazon)\.(?=.)/;
/** `databricks-` of hosted endpoints, `demo-` of the demo provider. */
const DASHED_PREFIX = /^(?:databricks|demo)-(?=.)/;
/** `models/`, `openai/`, `accounts/x/models/`: the name is the last segment. */
const PATH_PREFIX = /^.*\/(?=[^/])/;
/** `[1m]`, `@20251001`, `-20251001`, `-2025-08-07`, `-v1:0`. */
const SUFFIX = /(?<=.)(?:\[1m\]|@[^@]*|-20\d{6}|-20\d\d-\d\d-\d\d|-v\d+:\d+)$/;
/** Newer reseller ids of Claude end in `-v1` alone; other families have a version there (`deepseek-v3`). */
const CLAUDE_VERSION_SUFFIX = /^(claude-.+)-v\d$/;

/**
 * The one spelling of a model's name that facts and services are found under: lower case, dashes only,
 * no catalog, vendor, region or endpoint prefix, no date, no context or version suffix.
 * `system.ai.claude-opus-4-8`, `us.anthropic.claude-opus-4-8-v1:0` and `claude-opus-4.8[1m]` all give
 * `claude-opus-4-8`. Pure and idempotent; never empty unless the input is blank.
 * Rules: workspace-contract 7.5 and 15.4, unity-ai-gateway 2.4.
 */
export function canonicalModelName(name: string): string {
  return fixedPoint(name.trim().toLowerCase(), DASHED_PREFIX);
}

/** As {@link canonicalModelName}, but a `demo-` prefix stays: it tells a demo service from the real one. */
export function bareModelName(name: string): string {
  return fixedPoint(name.trim().toLowerCase(), /^databricks-(?=.)/);
}

/** No model has a longer name; what is longer is not worth the work. */
const LONGEST_NAME = 1024;

/** Strips until nothing changes, so that stripping the result again changes nothing. */
function fixedPoint(name: string, dashedPrefix: RegExp): string {
  if (name.length > LONGEST_NAME) return name;
  let current = name;
  for (;;) {
    const next = current
      .replace(PATH_PREFIX, '')
      .replace(DOTTED_PREFIX, '')
      .replace(dashedPrefix, '')
      .replace(SUFFIX, '')
      .replace(CLAUDE_VERSION_SUFFIX, '$1');
    if (next === current) {
      const dashed = current.replaceAll('.', '-');
      if (dashed === current) return current;
      current = dashed;
    } else {
      current = next;
    }
  }
}
