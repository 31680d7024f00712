import { PROTECTED } from '../databricks/protected-functions.ts';
import { QUARTER_MARK } from './date-format.ts';

/** DuckDB's JSON has a timestamp as `2026-01-02 03:04:05.6+00`; Databricks has ISO 8601 with milliseconds. */
const isoTimes = [
  ['', '.000'],
  ['\\.([0-9])', '.\\300'],
  ['\\.([0-9]{2})', '.\\30'],
  ['\\.([0-9]{3})[0-9]*', '.\\3'],
].reduce(
  (text, [fraction, millis]) =>
    `regexp_replace(${text}, '"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9:]{8})${fraction}\\+00"', '"\\1T\\2${millis}Z"', 'g')`,
  'j',
);

/** Signature without the prefix, and body. Overloads of one name stand in one entry. */
const definitions: readonly (readonly [name: string, ...overloads: string[]])[] = [
  [
    'unix_timestamp',
    '() AS CAST(floor(epoch(now())) AS BIGINT)',
    '(x) AS CAST(floor(epoch(CAST(x AS TIMESTAMPTZ))) AS BIGINT)',
  ],
  ['to_unix_timestamp', '(x) AS CAST(floor(epoch(CAST(x AS TIMESTAMPTZ))) AS BIGINT)'],
  ['unix_seconds', '(x) AS CAST(floor(epoch(CAST(x AS TIMESTAMPTZ))) AS BIGINT)'],
  ['unix_millis', '(x) AS epoch_ms(CAST(x AS TIMESTAMPTZ))'],
  ['unix_micros', '(x) AS epoch_us(CAST(x AS TIMESTAMPTZ))'],
  ['timestamp_seconds', '(x) AS to_timestamp(CAST(x AS DOUBLE))'],
  ['timestamp_millis', "(x) AS make_timestamp(CAST(x AS BIGINT) * 1000) AT TIME ZONE 'UTC'"],
  ['timestamp_micros', "(x) AS make_timestamp(CAST(x AS BIGINT)) AT TIME ZONE 'UTC'"],
  ['strftime', '(x, f) AS format_time(CAST(CAST(x AS TIMESTAMPTZ) AS TIMESTAMP), f)'],
  ['strptime', '(x, f) AS CAST(strptime(CAST(x AS VARCHAR), f) AS TIMESTAMPTZ)'],
  ['try_strptime', '(x, f) AS CAST(try_strptime(CAST(x AS VARCHAR), f) AS TIMESTAMPTZ)'],
  [
    'from_unixtime',
    "(x) AS strftime(make_timestamp(CAST(x AS BIGINT) * 1000000), '%Y-%m-%d %H:%M:%S')",
    '(x, f) AS format_time(make_timestamp(CAST(x AS BIGINT) * 1000000), f)',
  ],
  ['to_date', '(x) AS CAST(x AS DATE)', '(x, f) AS CAST(strptime(CAST(x AS VARCHAR), f) AS DATE)'],
  ['to_timestamp', '(x) AS CAST(x AS TIMESTAMPTZ)'],
  ['try_to_timestamp', '(x) AS TRY_CAST(x AS TIMESTAMPTZ)'],
  [
    'trunc',
    `(d, unit) AS CAST(date_trunc(CASE upper(unit) WHEN 'MM' THEN 'month' WHEN 'MON' THEN 'month' WHEN 'YY' THEN 'year' WHEN 'YYYY' THEN 'year' WHEN 'Q' THEN 'quarter' ELSE unit END, CAST(d AS DATE)) AS DATE)`,
  ],
  ['dayofweek', '(d) AS CAST(dayofweek(CAST(d AS DATE)) + 1 AS INTEGER)'],
  ['weekday', '(d) AS CAST(isodow(CAST(d AS DATE)) - 1 AS INTEGER)'],
  ['date_add', '(d, n) AS CAST(CAST(d AS DATE) + to_days(CAST(n AS INTEGER)) AS DATE)'],
  ['date_sub', '(d, n) AS CAST(CAST(d AS DATE) - to_days(CAST(n AS INTEGER)) AS DATE)'],
  ['datediff', "(a, b) AS CAST(date_diff('day', CAST(b AS DATE), CAST(a AS DATE)) AS INTEGER)"],
  ['date_diff', "(a, b) AS CAST(date_diff('day', CAST(b AS DATE), CAST(a AS DATE)) AS INTEGER)"],
  ['add_months', '(d, n) AS CAST(CAST(d AS DATE) + to_months(CAST(n AS INTEGER)) AS DATE)'],
  ['add_days', '(x DATE, i) AS CAST(x + i AS DATE)', '(x, i) AS x + i'],
  ['add_time', '(x DATE, i) AS CAST(x AS TIMESTAMPTZ) + i', '(x, i) AS x + i'],
  ['subtract_days', '(x DATE, i) AS CAST(x - i AS DATE)', '(x, i) AS x - i'],
  ['subtract_time', '(x DATE, i) AS CAST(x AS TIMESTAMPTZ) - i', '(x, i) AS x - i'],
  [
    'next_day',
    `(d, w) AS CAST(d AS DATE) + CAST((list_position(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], upper(left(w, 2))) - isodow(CAST(d AS DATE)) + 6) % 7 + 1 AS INTEGER)`,
  ],
  ['last_day', '(d) AS last_day(CAST(d AS DATE))'],
  [
    'months_between',
    `(a, b) AS CASE WHEN day(CAST(a AS TIMESTAMPTZ)) = day(CAST(b AS TIMESTAMPTZ)) OR (last_day(CAST(a AS DATE)) = CAST(a AS DATE) AND last_day(CAST(b AS DATE)) = CAST(b AS DATE))
      THEN CAST((year(CAST(a AS DATE)) - year(CAST(b AS DATE))) * 12 + month(CAST(a AS DATE)) - month(CAST(b AS DATE)) AS DOUBLE)
      ELSE round((year(CAST(a AS DATE)) - year(CAST(b AS DATE))) * 12 + month(CAST(a AS DATE)) - month(CAST(b AS DATE))
        + ((day(CAST(a AS DATE)) - day(CAST(b AS DATE))) * 86400 + epoch(CAST(a AS TIMESTAMPTZ)) % 86400 - epoch(CAST(b AS TIMESTAMPTZ)) % 86400) / 2678400, 8) END`,
  ],
  [
    'get_json_object',
    '(j VARCHAR, p) AS CASE WHEN json_valid(j) THEN json_extract_string(j, p) END',
    '(j, p) AS json_extract_string(to_json(j), p)',
  ],
  [
    'json_array_length',
    "(j) AS CASE WHEN json_valid(j) AND json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS INTEGER) END",
  ],
  [
    'to_json',
    `(x) AS iso_times(CAST(CASE WHEN json_type(to_json(x)) = 'ARRAY'
        THEN to_json(list_transform(from_json(to_json(x), '["JSON"]'), lambda e: CASE WHEN json_type(e) = 'OBJECT' THEN CAST(json_merge_patch('{}', e) AS JSON) ELSE e END))
      WHEN json_type(to_json(x)) = 'OBJECT' THEN CAST(json_merge_patch('{}', to_json(x)) AS JSON) ELSE to_json(x) END AS VARCHAR))`,
  ],
  ['from_json', '(j, s) AS CASE WHEN json_valid(j) THEN from_json(j, s) END'],
  ['index', '(x, i BIGINT) AS CASE WHEN i >= 0 THEN x[i + 1] END', '(x, i VARCHAR) AS x[i]'],
  ['get', '(x, i) AS CASE WHEN i >= 0 THEN x[i + 1] END'],
  ['element_at', '(x, k) AS x[k]'],
  ['try_element_at', '(x, k) AS x[k]'],
  ['size', '(x) AS CAST(coalesce(len(map_keys_or_list(x)), -1) AS INTEGER)'],
  ['cardinality', '(x) AS CAST(coalesce(len(map_keys_or_list(x)), -1) AS INTEGER)'],
  ['array_size', '(x) AS CAST(len(x) AS INTEGER)'],
  ['map_contains_key', '(m, k) AS list_contains(map_keys(m), k)'],
  ['map_concat', '(a, b) AS map_concat(a, b)'],
  ['str_to_map', "(s) AS str_map(s, ',', ':')", "(s, p) AS str_map(s, p, ':')", '(s, p, k) AS str_map(s, p, k)'],
  [
    'array_join',
    '(a, d) AS array_to_string(list_filter(a, lambda e: e IS NOT NULL), d)',
    '(a, d, n) AS array_to_string(list_transform(a, lambda e: coalesce(CAST(e AS VARCHAR), n)), d)',
  ],
  ['array_remove', '(a, v) AS list_filter(a, lambda e: e IS NULL OR e <> v)'],
  ['array_max', '(a) AS list_max(a)'],
  ['array_min', '(a) AS list_min(a)'],
  ['array_except', '(a, b) AS distinct_list(list_filter(a, lambda e: NOT list_contains(b, e)))'],
  ['array_union', '(a, b) AS distinct_list(list_concat(a, b))'],
  ['array_intersect', '(a, b) AS distinct_list(list_filter(a, lambda e: list_contains(b, e)))'],
  ['arrays_overlap', '(a, b) AS list_has_any(a, b)'],
  ['array_position', '(a, v) AS coalesce(list_position(a, v), 0)'],
  [
    'sequence',
    '(a, b) AS CASE WHEN a <= b THEN generate_series(a, b) ELSE generate_series(a, b, -1) END',
    '(a, b, s) AS generate_series(a, b, s)',
  ],
  [
    'slice',
    '(a, i, n) AS CASE WHEN i < 0 THEN list_slice(a, len(a) + i + 1, len(a) + i + n) ELSE list_slice(a, i, i + n - 1) END',
  ],
  [
    'sort_array',
    "(a) AS list_sort(a, 'ASC', 'NULLS FIRST')",
    "(a, up) AS CASE WHEN up THEN list_sort(a, 'ASC', 'NULLS FIRST') ELSE list_sort(a, 'DESC', 'NULLS LAST') END",
  ],
  ['flatten', '(a) AS flatten(a)'],
  [
    'split',
    '(s, p) AS str_split_regex(s, p)',
    '(s, p, n) AS CASE WHEN n <= 0 THEN str_split_regex(s, p) ELSE str_split_regex(s, p)[:n - 1] || [array_to_string(str_split_regex(s, p)[n:], p)] END',
  ],
  ['regexp_extract', '(s, p) AS regexp_extract(s, p, 1)', '(s, p, g) AS regexp_extract(s, p, g)'],
  ['regexp_replace', "(s, p, r) AS regexp_replace(s, p, regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g')"],
  ['regexp_like', '(s, p) AS regexp_matches(s, p)'],
  ['regexp_count', '(s, p) AS CAST(len(regexp_extract_all(s, p)) AS INTEGER)'],
  ['regexp_substr', "(s, p) AS nullif(regexp_extract(s, p), '')"],
  [
    'locate',
    '(n, s) AS CAST(strpos(s, n) AS INTEGER)',
    '(n, s, i) AS CAST(CASE WHEN strpos(substr(s, i), n) = 0 THEN 0 ELSE strpos(substr(s, i), n) + i - 1 END AS INTEGER)',
  ],
  ['instr', '(s, n) AS CAST(strpos(s, n) AS INTEGER)'],
  [
    'initcap',
    "(s) AS array_to_string(list_transform(string_split(s, ' '), lambda w: upper(w[1]) || lower(w[2:])), ' ')",
  ],
  [
    'substring_index',
    "(s, d, n) AS CASE WHEN n > 0 THEN array_to_string(string_split(s, d)[:n], d) WHEN n < 0 THEN array_to_string(string_split(s, d)[n:], d) ELSE '' END",
  ],
  ['format_number', "(x, n) AS format('{:,.' || CAST(n AS VARCHAR) || 'f}', CAST(x AS DOUBLE))"],
  [
    'type_name',
    `(t) AS replace_all(lower(t), [('"null"', 'void'), ('varchar', 'string'), ('integer', 'int'), ('timestamp with time zone', 'timestamp_ltz'), ('timestamp$', 'timestamp_ntz'), ('timestamp_ltz', 'timestamp'), ('blob', 'binary'), ('hugeint', 'bigint'), ('([a-z_]+(?:\\([0-9,]+\\))?)\\[\\]', 'array<\\1>'), ('(array<[^<>]+>)\\[\\]', 'array<\\1>'), ('map\\(([^()]+), ([^()]+)\\)', 'map<\\1,\\2>')])`,
  ],
  ['hex', '(x BIGINT) AS to_hex(x)', '(x VARCHAR) AS hex(x)', '(x BLOB) AS hex(x)'],
  ['unhex', '(x) AS unhex(x)'],
  ['sha', '(x) AS sha1(x)'],
  ['sha1', '(x) AS sha1(x)'],
  [
    'sha2',
    "(x, n) AS CASE WHEN n IN (0, 256) THEN sha256(x) ELSE error('[UNSUPPORTED_FEATURE] sha2 is offered with 256 bits.') END",
  ],
  ['base64', '(x VARCHAR) AS to_base64(encode(x))', '(x BLOB) AS to_base64(x)'],
  ['unbase64', '(x) AS from_base64(x)'],
  ['isnull', '(x) AS x IS NULL'],
  ['isnotnull', '(x) AS x IS NOT NULL'],
  ['nanvl', '(a, b) AS CASE WHEN isnan(a) THEN b ELSE a END'],
  ['pmod', '(a, b) AS ((a % b) + b) % b'],
  ['bround', '(x) AS round_even(x, 0)', '(x, n) AS round_even(x, n)'],
  ['log', '(x) AS ln(x)', '(b, x) AS ln(x) / ln(b)'],
  [
    'divide',
    "(a, b) AS CASE WHEN b = 0 THEN error('[DIVIDE_BY_ZERO] Division by zero. Use try_divide to get NULL instead.') ELSE a / b END",
  ],
  [
    'remainder',
    "(a, b) AS CASE WHEN b = 0 THEN error('[REMAINDER_BY_ZERO] Remainder by zero. Use try_mod to get NULL instead.') ELSE a % b END",
  ],
  [
    'integer_divide',
    "(a, b) AS CAST(CASE WHEN b = 0 THEN error('[DIVIDE_BY_ZERO] Division by zero. Use try_divide to get NULL instead.') ELSE a // b END AS BIGINT)",
  ],
  ['try_divide', '(a, b) AS a / nullif(b, 0)'],
  ['try_add', '(a, b) AS TRY(a + b)'],
  ['try_subtract', '(a, b) AS TRY(a - b)'],
  ['try_multiply', '(a, b) AS TRY(a * b)'],
  [
    'concat_ws',
    '(d, a) AS concat_list(d, a)',
    '(d, a, b) AS concat_ws(d, a, b)',
    '(d, a, b, c) AS concat_ws(d, a, b, c)',
    '(d, a, b, c, e) AS concat_ws(d, a, b, c, e)',
    '(d, a, b, c, e, f) AS concat_ws(d, a, b, c, e, f)',
  ],
  ['space', "(n) AS repeat(' ', n)"],
  ['left', '(s, n) AS left(s, n)'],
  ['right', '(s, n) AS right(s, n)'],
  ['chr', '(n) AS chr(CAST(n AS INTEGER))'],
  ['char', '(n) AS chr(CAST(n AS INTEGER))'],
  ['raise_error', "(m) AS error('[USER_RAISED_EXCEPTION] ' || m)"],
  ['assert_true', "(x) AS CASE WHEN x THEN NULL ELSE error('[USER_RAISED_EXCEPTION] The condition is not true.') END"],
  // Not overloaded: DuckDB cannot choose for a DECIMAL.
  [
    'to_text',
    "(x) AS CASE WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN regexp_replace(CAST(x AS VARCHAR), '[+]00$', '') ELSE CAST(x AS VARCHAR) END",
  ],
];

/** Parts that several macros use: name, and the rest of the definition. */
const helpers: readonly (readonly [name: string, rest: string])[] = [
  ['format_time', `(t, f) AS replace(strftime(t, f), '${QUARTER_MARK}', CAST(quarter(t) AS VARCHAR))`],
  ['iso_times', `(j) AS ${isoTimes}`],
  [
    'replace_all',
    "(t, pairs) AS list_reduce(list_transform(pairs, lambda p: [p[1], p[2]]), lambda a, p: ['', regexp_replace(a[2], p[1], p[2], 'g')], ['', t])[2]",
  ],
  ['map_keys_or_list', '(x MAP(VARCHAR, VARCHAR)) AS map_keys(x), (x) AS x'],
  [
    'str_map',
    "(s, p, k) AS map_from_entries(list_transform(str_split_regex(s, p), lambda e: {'key': str_split_regex(e, k)[1], 'value': str_split_regex(e, k)[2]}))",
  ],
  ['distinct_list', '(a) AS list_filter(a, lambda e, i: list_position(a, e) = i)'],
  [
    'concat_list',
    '(d, a VARCHAR[]) AS array_to_string(list_filter(a, lambda e: e IS NOT NULL), d), (d, a) AS CAST(a AS VARCHAR)',
  ],
];

const macros = definitions.map(([name, ...overloads]) => ({
  name: PROTECTED + name,
  statement: `CREATE MACRO ${PROTECTED}${name}${overloads.join(', ')}`,
}));

/** Names of the macros that a statement may call. */
export const macroNames: ReadonlySet<string> = new Set(macros.map(({ name }) => name));

/**
 * Statements that define those of Databricks' functions in a DuckDB session that a text calls. All of them
 * would take longer to define than most statements run.
 */
export function macrosFor(sql: string): string[] {
  const called = macros.filter(({ name }) => sql.includes(`${name}(`)).map(({ statement }) => statement);
  const needed = helpers.filter(([name]) => called.some((statement) => statement.includes(`${name}(`)));
  return [...needed.map(([name, rest]) => `CREATE MACRO ${name}${rest}`), ...called];
}

/** A text that calls them all. */
export const everyMacro = macros.map(({ name }) => `${name}()`).join(' ');
