import { GatewayError } from '../../errors/gateway-error.ts';
import type { RestRoute } from '../rest-route.ts';

/** Who the token belongs to, as a SCIM user (workspace-contract 4). A group `admins` means workspace admin. */
export const scimMeRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/2.0/preview/scim/v2/Me',
    handle({ principal }) {
      if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is required.');
      const body = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        id: principal.id,
        userName: principal.userName,
        displayName: principal.userName,
        active: principal.active,
        emails: principal.userName.includes('@') ? [{ type: 'work', value: principal.userName, primary: true }] : [],
        groups: principal.groups.map((display) => ({ display, type: 'direct' })),
      };
      return { status: 200, body };
    },
  },
];
