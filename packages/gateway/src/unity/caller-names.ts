import { ACCOUNT_USERS, type Caller } from './caller.ts';
import { comparable } from './held-privileges.ts';

/** Groups of callers, which many callers and every request of one share. */
const knownGroups = new WeakMap<readonly string[], ReadonlySet<string>>();

/** What grants to one caller may be made out to: its own name, its groups, everyone. */
export class CallerNames {
  readonly #user: string;
  readonly #groups: ReadonlySet<string>;

  constructor({ userName, groups }: Caller) {
    this.#user = comparable(userName);
    let comparableGroups = knownGroups.get(groups);
    if (comparableGroups === undefined) {
      comparableGroups = new Set([...groups, ACCOUNT_USERS].map(comparable));
      knownGroups.set(groups, comparableGroups);
    }
    this.#groups = comparableGroups;
  }

  /** @param principal in any case. */
  have(principal: string): boolean {
    return this.#has(comparable(principal));
  }

  /** Whether one of `principals`, all `comparable`, is among the names. */
  anyOf(principals: ReadonlySet<string> | undefined): boolean {
    if (principals === undefined) return false;
    // Whichever is fewer is gone through.
    if (principals.size <= this.#groups.size) return includesAny(principals, (principal) => this.#has(principal));
    return principals.has(this.#user) || includesAny(this.#groups, (group) => principals.has(group));
  }

  /** Whether what `map` has for one of the names passes `test`. Keys are `comparable`. */
  some<T>(map: ReadonlyMap<string, T>, test: (value: T) => boolean): boolean {
    const passes = (name: string): boolean => {
      const value = map.get(name);
      return value !== undefined && test(value);
    };
    if (map.size <= this.#groups.size) return includesAny(map.keys(), (name) => this.#has(name) && passes(name));
    return passes(this.#user) || includesAny(this.#groups, passes);
  }

  #has(name: string): boolean {
    return name === this.#user || this.#groups.has(name);
  }
}

/** `Array.some` of anything. */
export function includesAny<T>(values: Iterable<T>, test: (value: T) => boolean): boolean {
  for (const value of values) {
    if (test(value)) return true;
  }
  return false;
}
