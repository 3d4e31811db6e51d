/**
 * The floor of fan-out.mjs, fan-out-floor.c, behind the protocol of fan-out-server.mjs: `node bench/fan-out-floor.mjs floor <bytes
 * of a message>`, forked. It is compiled each time, into a temporary directory.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMPILER = 'cc';

/** Whether there can be a floor at all: it needs a C compiler, and the epoll of Linux. */
export function hasFloor() {
  return process.platform === 'linux' && spawnSync(COMPILER, ['--version'], { stdio: 'ignore' }).status === 0;
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) serve(String(process.argv[3]));

/** @param {string} bytes of a message */
async function serve(bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'fan-out-floor-'));
  const program = join(folder, 'floor');
  execFileSync(COMPILER, ['-O2', '-o', program, fileURLToPath(new URL('./fan-out-floor.c', import.meta.url))]);
  const floor = spawn(program, [bytes], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(floor, 'spawn');
  rmSync(folder, { recursive: true });
  createInterface(floor.stdout).on('line', (line) => process.send?.({ answer: Number(line) }));
  floor.on('exit', (code) => process.exit(code ?? 1));
  // The floor ends with its input, and this process with the floor.
  process.on('disconnect', () => floor.stdin.end());
  process.on('message', (/** @type {{ ask?: string, publish?: number }} */ { ask, publish }) => {
    if (publish !== undefined) floor.stdin.write(`publish ${publish}\n`);
    // There is no garbage.
    else if (ask === 'collect') process.send?.({ answer: 0 });
    else floor.stdin.write(`${ask}\n`);
  });
}
