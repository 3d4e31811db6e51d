import { spawn } from 'node:child_process';

/** Runs a command to its end; what it printed is in the answer, or in the error when it failed. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, env: outsideJest(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** A consumer's commands must not take over what Jest and the project's own npm scripts set for themselves. */
export function outsideJest(): NodeJS.ProcessEnv {
  const { NODE_ENV, JEST_WORKER_ID, NODE_OPTIONS, ...env } = process.env;
  return env;
}
