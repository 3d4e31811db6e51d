/**
 * Runs the suites that stand on Nest against Nest 11: a copy of them in a temporary folder, where the locked
 * dependencies are installed with the Nest packages alone moved to the older major. Arguments go to Jest: paths of suites
 * take the place of all of them.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NEST = '^11.2.0';
/** Packages of Nest that have another number than Nest itself. */
const OF_ITS_OWN = { '@nestjs/terminus': '^11.1.0' };
const suites = [
  'lib/pusher/',
  'lib/channel/',
  'lib/access/',
  'lib/admin/',
  'lib/sources/',
  'lib/redis/',
  'lib/testing/',
  'lib/openapi/',
  'lib/opentelemetry/',
  'lib/[^/]+\\.spec\\.ts',
  'test/pusher/',
  'test/channel/',
  'test/access/',
  'test/sources/',
  'test/module/',
  'test/redis/',
  'test/testing/',
  'test/openapi/',
  'test/opentelemetry/',
  'test/health/',
  'test/http/probe',
  'test/security/(cors|log-injection|tenants)',
];
const args = process.argv.slice(2);
const patterns = args.some((argument) => /^(lib|test)\//.test(argument)) ? args : [...suites, ...args];
const checkout = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nestjs-event-stream-nest11-'));

/** Needed to build, check or show the package, never by a suite: not worth a download. */
const toolsOnly = /^(@arethetypeswrong|@biomejs|@nestjs\/(cli|schematics)|dependency-cruiser|knip|playwright|publint)/;

try {
  for (const path of ['lib', 'test', 'docs', 'jest.config.json', 'tsconfig.json', 'package-lock.json', '.npmrc']) {
    cpSync(join(checkout, path), join(folder, path), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  const devDependencies = Object.entries(manifest.devDependencies)
    .filter(([name]) => !toolsOnly.test(name))
    .map(([name, range]) => [name, name.startsWith('@nestjs/') ? (OF_ITS_OWN[name] ?? NEST) : range]);
  manifest.devDependencies = Object.fromEntries(devDependencies);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));

  const steps = [
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'],
    ['ls', '@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-fastify', '--depth=0'],
    ['test', '--', ...patterns],
  ];
  for (const step of steps) {
    process.exitCode = npm(step);
    if (process.exitCode !== 0) break;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function npm(args) {
  const { status, error } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}
