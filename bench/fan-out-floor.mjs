/**
 * The floor of fan-out.mjs, fan-out-floor.c, behind the protocol of fan-out-server.mjs: `node bench/fan-out-floor.mjs <subject>
 * <bytes of a message>`, forked. It is compiled each time, into a temporary directory; where that fails, for want of a C compiler
 * or of Linux, it says so and answers with no port.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./fan-out-floor.c', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'fan-out-floor-'));
const program = join(folder, 'floor');
process.on('exit', () => rmSync(folder, { recursive: true }));
// Which closes the input of the floor, and so ends it.
process.on('disconnect', () => process.exit());

if (isCompiled()) serve(spawn(program, process.argv.slice(3), { stdio: ['pipe', 'pipe', 'inherit'] }));
else process.send?.({});

function isCompiled() {
  try {
    execFileSync('cc', ['-O2', '-o', program, SOURCE], { stdio: 'pipe' });
    return true;
  } catch (error) {
    console.error(`The C floor is left out: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

/** @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} floor */
function serve(floor) {
  createInterface(floor.stdout).on('line', (line) => process.send?.({ answer: Number(line) }));
  floor.on('exit', (code) => process.exit(code ?? 1));
  process.on('message', (/** @type {{ ask?: string, publish?: number }} */ { ask, publish }) => {
    if (publish !== undefined) floor.stdin.write(`publish ${publish}\n`);
    // There is no garbage.
    else if (ask === 'collect') process.send?.({ answer: 0 });
    else floor.stdin.write(`${ask}\n`);
  });
}
