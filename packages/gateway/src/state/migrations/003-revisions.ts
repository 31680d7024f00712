/** How often each area changed, so that images in memory are kept up to date (`live-image.ts`). */
export const revisions = `CREATE TABLE revisions (
  area     TEXT PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT;
DROP TABLE unity_revision;`;
