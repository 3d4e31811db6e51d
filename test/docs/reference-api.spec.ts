import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { ROOT } from './support/pages.js';

function json(file: string) {
  return JSON.parse(readFileSync(new URL(file, ROOT), 'utf8'));
}

it('the reference of the API has every path that the package exports', () => {
  const paths = Object.keys(json('package.json').exports).filter((path) => path !== './package.json');
  const sources = paths.map((path) => `lib${path.slice(1)}/index.ts`);
  expect(json('typedoc.json').entryPoints.sort()).toEqual(sources.sort());
});
