import { plans } from './plan.mjs';

/**
 * What `npm run bench -- ...` was told. Words that name a benchmark choose it, with or without the hyphen; other words choose
 * tables by their titles.
 *
 * @param {string[]} words
 * @returns {{ names: string[], settings: import('./contract.mjs').Settings, smoke: boolean, write: boolean, help: boolean }}
 * @throws if an option is unknown, no benchmark is named where tables are, or what was measured of some tables would be kept
 */
export function readCommandLine(words) {
  const options = new Set(words.filter((word) => word.startsWith('-')));
  const others = words.filter((word) => !word.startsWith('-'));
  const names = Object.keys(plans).filter((name) => others.some((word) => plain(word) === plain(name)));
  const only = others.filter((word) => !names.some((name) => plain(word) === plain(name)));
  const unknown = [...options].find((option) => !['--smoke', '--write', '--help'].includes(option));
  if (unknown !== undefined) throw new Error(`there is no option ${unknown}\n\n${helpText()}`);
  if (only.length > 0 && names.length === 0) throw new Error(`there is no benchmark ${only[0]}\n\n${helpText()}`);
  const smoke = options.has('--smoke');
  if (only.length > 0 && options.size > 0)
    throw new Error(`${[...options][0]} is about whole benchmarks, not ${only[0]}`);
  const isWhole = names.length === 0 && !smoke;
  const write = options.has('--write') || isWhole;
  return {
    names: names.length > 0 ? names : Object.keys(plans),
    settings: { quick: smoke, only, write: write && !smoke },
    smoke,
    write,
    help: options.has('--help'),
  };
}

export function helpText() {
  const width = Math.max(...Object.keys(plans).map((name) => name.length));
  const lines = Object.entries(plans).map(([name, { about, minutes }]) => {
    return `  ${name.padEnd(width)}  ${String(minutes).padStart(2)} min  ${about}`;
  });
  const total = Object.values(plans).reduce((sum, { minutes }) => sum + minutes, 0);
  return [
    'npm run build && npm run bench [-- [names] [words] [--write] [--smoke]]',
    '',
    ...lines,
    '',
    `Without a name all of them run, in about ${total} minutes, and bench/RESULTS.md is written. With names only these run, and`,
    '--write puts them into bench/RESULTS.md. Further words choose tables by their titles: npm run bench -- codec crlf.',
    '--smoke is a quick form that compares its ratios with bench/smoke.json, and fails where one has collapsed;',
    '--smoke --write renews that file. node --cpu-prof bench/run.mjs profiles all processes.',
  ].join('\n');
}

/** @param {string} name */
function plain(name) {
  return name.toLowerCase().replaceAll('-', '');
}
