import { describe, expect, it } from '@jest/globals';
import { loadApi } from './load-api.js';

function failingWith(code: string, message: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(message), { code }));
}

describe('loadApi()', () => {
  it('loads the package', async () => {
    expect(await loadApi()).toHaveProperty('trace');
  });

  it.each([
    ['ERR_MODULE_NOT_FOUND', "Cannot find package '@opentelemetry/api' imported from /app/index.js"],
    ['MODULE_NOT_FOUND', "Cannot find module '@opentelemetry/api' from 'index.js'"],
  ])('gives nothing where it is not installed, as %s says', async (code, message) => {
    expect(await loadApi(failingWith(code, message))).toBeUndefined();
  });

  it.each([
    ['ERR_MODULE_NOT_FOUND', "Cannot find package 'something-else' imported from /app/index.js"],
    ['ERR_INVALID_PACKAGE_CONFIG', "Invalid package config of '@opentelemetry/api'"],
  ])('does not hide that it is broken: %s', async (code, message) => {
    await expect(loadApi(failingWith(code, message))).rejects.toThrow(message);
  });
});
