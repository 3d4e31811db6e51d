/**
 * Keeps this process looking for what has come. If it slept, the server would be charged for waking it, and all the more so
 * the faster it is: often enough for half of the figure.
 *
 * @returns lets it sleep again
 */
export function stayAwake() {
  let awake = true;
  const look = () => {
    if (awake) setImmediate(look);
  };
  look();
  return () => {
    awake = false;
  };
}
