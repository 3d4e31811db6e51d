/** Runs one benchmark in a process of its own, whose heap and compiled code are those of no other, and tells its parent the tables. */
const [name, settings] = process.argv.slice(2);

const orphaned = () => process.exit(1);
process.once('disconnect', orphaned);
/** @type {{ default: import('./contract.mjs').Benchmark }} */
const { default: benchmark } = await import(`../${name}.mjs`);
for await (const table of benchmark(JSON.parse(String(settings)))) {
  await new Promise((resolve) => process.send?.(table, undefined, undefined, resolve));
}
process.off('disconnect', orphaned);
process.disconnect();
