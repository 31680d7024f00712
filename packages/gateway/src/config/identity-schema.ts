import { z } from 'zod';

const name = z.string().trim().min(1).max(256);

/** The key `groups`. */
export const groupsSchema = z
  .array(
    z.strictObject({
      name: name.describe('Display name, as grants and limits name it.'),
      members: z
        .array(name)
        .default([])
        .describe('User names and application ids of its members. Who is not known is left out until they are.'),
      groups: z.array(name).default([]).describe('Groups whose members belong to this one, too.'),
    }),
  )
  .default([])
  .describe('Groups and who is in them, beside those that `users` name and those made by API.');

/** The key `service_principals`. */
export const servicePrincipalsSchema = z
  .array(
    z.strictObject({
      application_id: name.describe('What it signs in as, with a secret made by API or command.'),
      display_name: name.optional().describe('Name for people. Default: the application id.'),
      groups: z.array(name).default([]).describe('Groups it is in.'),
      active: z.boolean().default(true).describe('Whether its tokens and secrets are accepted.'),
    }),
  )
  .default([])
  .describe('Accounts of machines, such as CI.');
