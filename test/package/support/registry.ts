import { run } from './run.js';

/** Why the npm registry cannot be used, or undefined when it can. */
async function registryProblem(cwd: string): Promise<string | undefined> {
  try {
    await run('npm', ['view', 'rxjs', 'version', '--fetch-retries=0', '--fetch-timeout=20000'], cwd);
    return undefined;
  } catch (error) {
    const lines = (error as Error).message.split('\n');
    return lines.filter((line) => line.startsWith('npm error') && !line.startsWith('npm error     at')).join('\n');
  }
}

/**
 * Whether the tests that install the package may run. Without a registry they are skipped aloud; a build server, which
 * sets CI=true, must not pass without them.
 */
export async function registryOrWarning(cwd: string): Promise<boolean> {
  const problem = await registryProblem(cwd);
  if (problem === undefined) return true;
  const advice =
    'The tests in test/package install the packed package into fresh applications and need the npm registry. ' +
    'To run them, make `npm view rxjs version` succeed (network, proxy, .npmrc), then: npm test -- test/package';
  if (process.env.CI === 'true') throw new Error(`${advice}\n${problem}`);
  console.warn(`SKIPPED. ${advice}\nReason: ${problem}`);
  return false;
}
