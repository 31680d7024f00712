import { z } from 'zod';

/** Query parameters that many routes have, for their descriptions. All are texts, as they come. */

/** A text that must be there. */
export const neededText = z.string().min(1);
export const optionalText = z.string().optional();
/** `true` or `false`; left out is false. */
export const flagText = z.enum(['true', 'false']).optional();
/** Entries of a page; 0 and left out are the list's own size. */
export const pageSizeText = z
  .string()
  .regex(/^\d{0,9}$/)
  .optional();

/** `page_size`, `page_token`. */
export const pageQuery = { page_size: pageSizeText, page_token: optionalText };
/** `max_results`, `page_token`, as Unity Catalog's lists have them. */
export const maxResultsQuery = { max_results: pageSizeText, page_token: optionalText };
/** The schema that a list is of. */
export const schemaQuery = { catalog_name: neededText, schema_name: neededText };
/** Whether what is inside goes, too. */
export const forceQuery = { force: flagText };
