/** How something grows: the slope of the straight line that fits it best where both axes are logarithmic. */

/**
 * The `k` of `y = c · x^k`, by least squares of the logarithms: 0 is flat, 1 linear, 2 quadratic.
 *
 * @param {[x: number, y: number][]} points two at least, all above zero
 */
export function exponentOf(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (/** @type {number} */ axis) => logs.reduce((sum, log) => sum + Number(log[axis]), 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [both, square] = [0, 0];
  for (const [x, y] of logs) {
    both += (Number(x) - meanX) * (Number(y) - meanY);
    square += (Number(x) - meanX) ** 2;
  }
  return both / square;
}
