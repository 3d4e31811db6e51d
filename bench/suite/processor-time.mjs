/**
 * What a piece of work takes of the processor, in milliseconds: other processes on the machine have no part in it.
 *
 * @param {() => void} work
 */
export function processorTime(work) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
