/** A benchmark of nothing. @param {import('../../../bench/suite/contract.mjs').Settings} settings */
export default async function* twoTables({ only = [] }) {
  for (const title of ['One', 'Two', ...only]) {
    if (title === 'fails') throw new Error('as it was told');
    const figures = /** @type {const} */ ({ cost: { unit: 'µs', better: 'less' } });
    const subjects = { ours: { role: /** @type {const} */ ('ours'), rounds: [{ cost: Number.NaN }] } };
    yield { title, base: 'ours', figures, subjects };
  }
}
