import { readdirSync, readFileSync } from 'node:fs';
import { cpuMicroseconds, residentBytes } from '../process-usage.ts';

/** The gateway's processes, by what they do. */
export type Role = 'gateway' | 'lake' | 'sql';
export type ByRole = Readonly<Record<Role, number>>;

const SAMPLE_MS = 100;

/** Watches the processes of one gateway: CPU they have used, and the most memory each kind had at once. */
export class ProcessTree {
  readonly #root: number;
  readonly #cpu = new Map<number, { readonly role: Role; microseconds: number }>();
  readonly #timer: NodeJS.Timeout;
  #peak: Record<Role, number> = { gateway: 0, lake: 0, sql: 0 };

  constructor(root: number) {
    this.#root = root;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Microseconds so far, those of processes that ended meanwhile included up to their last sample. */
  cpu(): ByRole {
    this.#sample();
    const sum = { gateway: 0, lake: 0, sql: 0 };
    for (const { role, microseconds } of this.#cpu.values()) sum[role] += microseconds;
    return sum;
  }

  /** Resident bytes at their highest since the last call; of processes of one kind, the largest one's. */
  takePeak(): ByRole {
    this.#sample();
    const peak = this.#peak;
    this.#peak = { gateway: 0, lake: 0, sql: 0 };
    return peak;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    for (const [pid, role] of this.#processes()) {
      try {
        this.#cpu.set(pid, { role, microseconds: cpuMicroseconds(pid) });
        this.#peak[role] = Math.max(this.#peak[role], residentBytes(pid) || 0);
      } catch {
        // It ended between the two looks.
      }
    }
  }

  #processes(): [number, Role][] {
    const children = readdirSync(`/proc/${this.#root}/task`).flatMap((thread) => childrenOf(this.#root, thread));
    return [[this.#root, 'gateway'], ...children.map((pid): [number, Role] => [pid, roleOf(pid)])];
  }
}

function childrenOf(pid: number, thread: string): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

function roleOf(pid: number): Role {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('lake-process') ? 'lake' : 'sql';
  } catch {
    return 'sql';
  }
}
