import type { GatewayConfig } from '../config/gateway-config.ts';

/** The groups of a configured user; none for anyone else. */
export function groupsOf({ users }: GatewayConfig, userName: string): readonly string[] {
  return users.find((user) => user.active && user.name === userName)?.groups ?? [];
}
