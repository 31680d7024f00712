/** A rate limit of a service, as unity-ai-gateway 6.1 writes it; an hour, which no test outlasts, where nothing else is said. */
export function rateLimit(key: string, more: Readonly<Record<string, unknown>> = {}) {
  return { key: `RATE_LIMIT_KEY_${key}`, renewal_period: 'RATE_LIMIT_RENEWAL_PERIOD_HOUR', ...more };
}

/** The shorter period, for what is about a minute. */
export const MINUTE = { renewal_period: 'RATE_LIMIT_RENEWAL_PERIOD_MINUTE' };

/** A budget that blocks at so many dollars a month. */
export function budget(dollars: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    display_name: 'the budget of the test',
    alert_configurations: [
      {
        scope_type: 'ALERT_CONFIGURATION_SCOPE_TYPE_SHARED',
        time_period: 'MONTH',
        quantity_threshold: dollars,
        action_configurations: [{ action_type: 'BLOCK_USAGE' }],
      },
    ],
    ...more,
  };
}

/** The demo models that the suites call, each with these limits. */
export function demoServices(rateLimits: readonly object[], names: readonly string[] = Object.values(demoModels)) {
  return {
    model_provider_services: [{ name: 'main.default.demo', config: { demo: { direct: {} }, allow_all_targets: true } }],
    model_services: names.map((name) => ({
      name: `system.ai.${name}`,
      config: {
        rate_limits: rateLimits,
        routing: {
          destinations: [
            {
              name: 'demo',
              external_model_config: {
                model_provider_service: 'model-provider-services/main.default.demo',
                target: { model: `demo-${name}` },
              },
            },
          ],
        },
      },
    })),
  };
}

/** A demo model of each family. */
export const demoModels = { claude: 'claude-opus-4-8', gpt: 'gpt-5-5', gemini: 'gemini-3-5-flash' } as const;
