import type { Subject, Table, Target } from '../../../bench/suite/contract.mjs';

/** A subject with one figure, `cost`. */
export function subject(role: Subject['role'], ...costs: number[]): Subject {
  return { role, rounds: costs.map((cost) => ({ cost })) };
}

/** Three subjects in three rounds, of which the second was slow for all. */
export function table(targets: Target[] = [], title = 'A thing'): Table {
  return {
    title,
    base: 'floor',
    figures: { cost: { unit: 'µs', better: 'less' } },
    subjects: {
      floor: subject('floor', 2, 20, 2.5),
      peer: subject('peer', 6, 50, 7.5),
      ours: subject('ours', 3, 10, 5),
    },
    targets,
  };
}
