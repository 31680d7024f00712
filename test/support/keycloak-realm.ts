/** Everybody's password in the test realm. */
export const PASSWORD = 'correct horse battery staple';
/** The gateway's client in the test realm. */
export const CLIENT = { id: 'ucode-gateway', secret: 'gateway-client-secret-for-tests' } as const;

interface Person {
  readonly username: string;
  readonly email: string;
  readonly groups?: readonly string[];
  readonly roles?: readonly string[];
  readonly isDisabled?: boolean;
  readonly isUnverified?: boolean;
}

/** Who is in the test realm. Groups are named by path. */
const people: readonly Person[] = [
  { username: 'ada', email: 'ada@example.com', groups: ['/engineering/platform'], roles: ['model-user'] },
  { username: 'bob', email: 'bob@example.com', groups: ['/finance'] },
  { username: 'grace', email: 'grace@example.com' },
  { username: 'carol', email: 'carol@example.com', isDisabled: true },
  { username: 'mallory', email: 'admin@example.com', isUnverified: true },
  { username: 'eve', email: 'eve@elsewhere.example', groups: ['/engineering'] },
];

/** A realm as Keycloak imports it: people, nested groups, a client for the gateway with groups in its tokens. */
export function testRealm(name: string): object {
  return {
    realm: name,
    enabled: true,
    sslRequired: 'none',
    registrationAllowed: false,
    bruteForceProtected: false,
    roles: { realm: [{ name: 'model-user' }] },
    groups: [{ name: 'engineering', subGroups: [{ name: 'platform' }] }, { name: 'finance' }, { name: 'admins' }],
    users: people.map((person) => ({
      username: person.username,
      email: person.email,
      emailVerified: person.isUnverified !== true,
      enabled: person.isDisabled !== true,
      firstName: person.username[0]?.toUpperCase() + person.username.slice(1),
      lastName: 'Tester',
      groups: person.groups ?? [],
      realmRoles: person.roles ?? [],
      credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
    })),
    clients: [
      {
        clientId: CLIENT.id,
        secret: CLIENT.secret,
        enabled: true,
        protocol: 'openid-connect',
        publicClient: false,
        standardFlowEnabled: true,
        directAccessGrantsEnabled: false,
        redirectUris: [],
        attributes: { 'pkce.code.challenge.method': 'S256', 'post.logout.redirect.uris': '+' },
        protocolMappers: [
          {
            name: 'groups',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-group-membership-mapper',
            config: {
              'claim.name': 'groups',
              'full.path': 'true',
              'id.token.claim': 'true',
              'access.token.claim': 'false',
              'userinfo.token.claim': 'true',
            },
          },
          {
            // In userinfo only, so that it has to be asked.
            name: 'roles',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-usermodel-realm-role-mapper',
            config: {
              'claim.name': 'realm_access.roles',
              multivalued: 'true',
              'jsonType.label': 'String',
              'id.token.claim': 'false',
              'access.token.claim': 'false',
              'userinfo.token.claim': 'true',
            },
          },
        ],
      },
    ],
  };
}
