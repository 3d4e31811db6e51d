/**
 * What a benchmark is. `bench/<name>.mjs` exports by default an async generator function that takes {@link Settings} and
 * yields a {@link Table} as soon as it has measured one; imported, it does nothing. Tables cross from process to process, so
 * they hold nothing but data.
 *
 * @typedef {(settings: Settings) => AsyncGenerator<Table>} Benchmark
 *
 * @typedef {object} Settings
 * @property {boolean} quick as small and short as can be, under eight seconds in all: whether it runs, and a rough ratio
 * @property {number} [rounds] instead of what the plan says
 * @property {string[]} [only] words, of which the title of a table has one; see `isWanted`
 * @property {boolean} [write] what is measured goes into the documents, plots included
 *
 * @typedef {object} Table
 * @property {string} title unlike that of any other table of the benchmark
 * @property {string} base the subject to which the others are compared
 * @property {Record<string, Figure>} figures
 * @property {Record<string, Subject>} subjects
 * @property {Target[]} [targets]
 * @property {string} [note] what a reader has to know, in a sentence or two
 *
 * @typedef {{ unit: string, better: 'less' | 'more' }} Figure
 *
 * @typedef {object} Subject
 * @property {'ours' | 'peer' | 'floor'} role
 * @property {Record<string, number>[]} rounds the figures of each round; the n-th of all subjects was the same round
 *
 * @typedef {object} Target what the median over the rounds of `of` divided by `over` has to be
 * @property {string} figure
 * @property {string} of a subject
 * @property {string} over a subject
 * @property {number} [most]
 * @property {number} [least]
 * @property {boolean} [smoke] steady enough to be compared with what was kept, in the quick form
 */
export {};
