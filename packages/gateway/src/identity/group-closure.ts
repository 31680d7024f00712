/** Sets of group numbers, one bit each. */
export type GroupSet = Uint32Array;

/** An empty set of `size` groups. */
export function emptySet(size: number): GroupSet {
  return new Uint32Array(Math.ceil(size / 32));
}

export function addTo(set: GroupSet, group: number): void {
  set[group >>> 5]! |= 1 << (group & 31);
}

export function has(set: GroupSet, group: number): boolean {
  return ((set[group >>> 5] ?? 0) & (1 << (group & 31))) !== 0;
}

export function uniteInto(set: GroupSet, other: GroupSet): void {
  for (let word = 0; word < set.length; word++) set[word]! |= other[word]!;
}

/** The numbers in a set, ascending. */
export function membersOf(set: GroupSet): number[] {
  const found: number[] = [];
  for (let word = 0; word < set.length; word++) {
    let bits = set[word]!;
    while (bits !== 0) {
      found.push(word * 32 + (31 - Math.clz32(bits & -bits)));
      bits &= bits - 1;
    }
  }
  return found;
}

/**
 * For each group, all groups that whoever is in it is in: itself, the groups it is in, theirs, and so on. Groups in a
 * circle are all in each other. Time is linear in groups and edges but for the width of a set; depth does not matter.
 * @param parents the groups that each group is in directly. Tarjan's strongly connected components, without recursion.
 */
export function closures(parents: readonly (readonly number[])[]): readonly GroupSet[] {
  const count = parents.length;
  const order = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const done: (GroupSet | undefined)[] = Array.from({ length: count });
  const open: number[] = [];
  let visited = 0;

  const enter = (group: number, path: { group: number; next: number }[]): void => {
    order[group] = low[group] = visited++;
    open.push(group);
    path.push({ group, next: 0 });
  };
  /** `group` is the first of its circle that was met: everything above it on `open` is in the circle. */
  const close = (group: number): void => {
    const circle = open.splice(open.lastIndexOf(group));
    const set = emptySet(count);
    for (const one of circle) {
      addTo(set, one);
      for (const parent of parents[one]!) {
        const above = done[parent];
        if (above !== undefined) uniteInto(set, above);
      }
    }
    for (const one of circle) done[one] = set;
  };

  for (let root = 0; root < count; root++) {
    if (order[root] !== -1) continue;
    const path: { group: number; next: number }[] = [];
    enter(root, path);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { group } = top;
      const parent = parents[group]![top.next++];
      if (parent === undefined) {
        path.pop();
        if (low[group] === order[group]) close(group);
        const below = path.at(-1);
        if (below !== undefined) low[below.group] = Math.min(low[below.group]!, low[group]!);
      } else if (order[parent] === -1) enter(parent, path);
      else if (done[parent] === undefined) low[group] = Math.min(low[group]!, order[parent]!);
    }
  }
  return done as GroupSet[];
}
