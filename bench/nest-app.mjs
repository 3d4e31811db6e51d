/** Applications for the servers of the benchmarks, which are not compiled, so that decorators are called as functions. */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseModule } from '../dist/index.js';

/** @type {Record<string, () => import('@nestjs/core').AbstractHttpAdapter>} */
const adapters = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() };

/**
 * @param {any} type a controller
 * @param {string} method
 * @param {unknown} decorator of a method
 */
export function decorate(type, method, decorator) {
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(type.prototype, method));
  /** @type {MethodDecorator} */ (decorator)(type.prototype, method, descriptor);
  Object.defineProperty(type.prototype, method, descriptor);
  Controller()(type);
}

/**
 * An application of one controller, without pings, that is ready and does not listen yet.
 *
 * @param {any} controller
 * @param {string} [platform] `Express` or `Fastify`
 */
export async function nestApp(controller, platform = 'Express') {
  class App {}
  Module({ imports: [SseModule.forRoot({ pingMs: 0 })], controllers: [controller] })(App);
  const adapter = /** @type {() => import('@nestjs/core').AbstractHttpAdapter} */ (adapters[platform])();
  const app = await NestFactory.create(App, adapter, { logger: false });
  await app.init();
  if (adapter instanceof FastifyAdapter) await adapter.getInstance().ready();
  return app;
}
