/**
 * Measures several subjects side by side: a round runs each of them once, in an order that turns by one every round, so that a
 * slow moment of the machine falls on all of them. The first rounds only warm up.
 *
 * @param {Record<string, 'ours' | 'peer' | 'floor'>} roles by subject
 * @param {{ rounds: number, warmUp: number }} counts
 * @param {(subject: string, isFirst: boolean) => Promise<Record<string, number>>} measure
 * @returns {Promise<Record<string, import('./contract.mjs').Subject>>}
 */
export async function interleavedRounds(roles, { rounds, warmUp }, measure) {
  const names = Object.keys(roles);
  /** @type {Record<string, import('./contract.mjs').Subject>} */
  const subjects = Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, { role, rounds: [] }]));
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = String(names[(turn + round) % names.length]);
      const figures = await measure(name, round === 0);
      if (round >= warmUp) subjects[name]?.rounds.push(figures);
    }
  }
  return subjects;
}
