const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** @param {number} at milliseconds since 1970 */
export const timeOfDay = (at) => clock.format(at);

/** "42 s", "3 min 5 s" */
export function duration(milliseconds) {
  const seconds = Math.max(Math.floor(milliseconds / 1000), 0);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "1 sample", "2 samples" */
export const samples = (count) => `${count} ${count === 1 ? 'sample' : 'samples'}`;

/** "812 B", "64.0 KiB", "2.5 MiB" */
export function bytes(count) {
  if (count < 2 ** 10) return `${count} B`;
  return count < 2 ** 20 ? `${(count / 2 ** 10).toFixed(1)} KiB` : `${(count / 2 ** 20).toFixed(1)} MiB`;
}

export const gibibytes = (bytes) => (bytes / 2 ** 30).toFixed(1);
