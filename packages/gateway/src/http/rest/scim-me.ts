import { GatewayError } from '../../errors/gateway-error.ts';
import { servicePrincipals, users } from '../../identity/scim/account-kinds.ts';
import type { RestRoute } from '../rest-route.ts';
import { resourceAnswer, shown } from './scim-answers.ts';
import { scimBases } from './scim-resources.ts';

/** Who the token belongs to, as a SCIM resource (workspace-contract 4). A group `admins` means workspace admin. */
export const scimMeRoutes: readonly RestRoute[] = scimBases.map(({ base, word }) => ({
  method: 'GET',
  path: `${base}/Me`,
  errorShape: 'scim',
  describe: { id: `get${word}Me`, summary: 'Shows who the token belongs to.', access: 'user', tag: 'scim' },
  handle(request, { directory }) {
    const account = request.principal === undefined ? undefined : directory.byId(request.principal.id);
    if (account === undefined) throw new GatewayError('caller_unauthenticated', 'A token is required.');
    if (account.type === 'USER') return resourceAnswer(request, shown(users, directory, account, base));
    // Clients ask for the userName of whoever it is.
    const resource = shown(servicePrincipals, directory, account, base);
    return resourceAnswer(request, { ...resource, userName: account.userName, emails: [] });
  },
}));
