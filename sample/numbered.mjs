// Runs the sample that begins with a number, once it is built: `npm run sample 03`. Without one, says which there are.
import { readdirSync } from 'node:fs';

const [number] = process.argv.slice(2);
const names = readdirSync(new URL('.', import.meta.url)).filter((name) => /^\d\d-/.test(name));
const chosen = names.find((name) => name.slice(0, 2) === number?.padStart(2, '0'));
if (chosen) {
  await import(`./dist/numbered/${chosen}/main.js`);
} else {
  console.log(`Say which one, such as: npm run sample 01\n\n  ${names.join('\n  ')}`);
  process.exitCode = number === undefined ? 0 : 1;
}
