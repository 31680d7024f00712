/** Last 30 days of the caller by tool and day, with the features of SQL that ucode's own query uses. */
export const usageQuery = `
WITH recent AS (
  SELECT
    CASE
      WHEN LOWER(user_agent) LIKE '%codex%' THEN 'codex'
      WHEN LOWER(user_agent) LIKE '%claude%' THEN 'claude'
      WHEN LOWER(user_agent) LIKE '%gemini%' THEN 'gemini'
      WHEN LOWER(user_agent) LIKE '%opencode%' THEN 'opencode'
    END AS tool,
    date(event_time) AS usage_day,
    request_id,
    destination_model,
    COALESCE(total_tokens, 0) AS total_tokens,
    COALESCE(input_tokens, 0) AS input_tokens,
    COALESCE(token_details.cache_read_input_tokens, 0) AS cached_tokens,
    COALESCE(output_tokens, 0) AS output_tokens
  FROM system.ai_gateway.usage
  WHERE requester = current_user() AND event_time >= current_timestamp() - interval 30 days
), attributed AS (
  SELECT * FROM recent WHERE tool IS NOT NULL
), days AS (
  SELECT tool, usage_day, SUM(total_tokens) AS total_tokens_used, COUNT(DISTINCT request_id) AS sessions
  FROM attributed
  GROUP BY 1, 2
), models AS (
  SELECT
    tool,
    usage_day,
    destination_model,
    COUNT(DISTINCT request_id) AS requests,
    SUM(total_tokens) AS tokens,
    SUM(input_tokens) AS input,
    SUM(cached_tokens) AS cached,
    SUM(output_tokens) AS output
  FROM attributed
  GROUP BY 1, 2, 3
), lists AS (
  SELECT
    tool,
    usage_day,
    TO_JSON(SORT_ARRAY(COLLECT_LIST(NAMED_STRUCT(
      'model', destination_model, 'requests', requests, 'tokens', tokens,
      'input', input, 'cached', cached, 'output', output
    )))) AS model_tokens
  FROM models
  GROUP BY tool, usage_day
)
SELECT
  current_user() AS requester_name,
  days.tool,
  days.usage_day,
  days.total_tokens_used,
  days.sessions,
  lists.model_tokens
FROM days
LEFT JOIN lists ON days.tool = lists.tool AND days.usage_day = lists.usage_day
ORDER BY days.usage_day DESC, days.tool
`;
