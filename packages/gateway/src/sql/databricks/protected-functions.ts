import { words } from '../words.ts';

/**
 * Begins the names of functions that the translation to DuckDB must leave alone. They are macros of the
 * session (`duckdb/macros.ts`) or are rewritten in the syntax tree (`plan/function-rewrites.ts`).
 */
export const PROTECTED = 'dbx_';

/** Names with another meaning, or other arguments, in DuckDB or in the translator. */
export const protectedFunctions: ReadonlySet<string> = new Set(
  words(`map_filter transform_values transform_keys zip_with aggregate reduce transform exists forall any_match
   unix_timestamp to_unix_timestamp unix_millis unix_seconds unix_micros timestamp_seconds timestamp_millis timestamp_micros
   from_unixtime date_format to_date to_timestamp try_to_timestamp to_char to_varchar trunc dayofweek weekday
   date_add date_sub datediff date_diff months_between add_months next_day last_day
   get_json_object get try_element_at element_at size cardinality array_size map_contains_key str_to_map
   array_join array_remove array_max array_min array_except array_union array_intersect arrays_overlap array_position
   sequence slice sort_array flatten collect_set map_concat split to_json from_json json_array_length
   regexp_extract regexp_replace regexp_like regexp_count regexp_substr locate instr initcap format_number format_string
   hex unhex sha2 sha1 sha base64 unbase64 decode_utf8 isnull isnotnull nanvl pmod bround some every bool_or
   percentile percentile_approx approx_percentile try_divide try_add try_subtract try_multiply
   bigint int integer long smallint tinyint double float boolean string decimal binary
   substring_index concat_ws space left right char chr raise_error assert_true typeof log named_struct map array`),
);
