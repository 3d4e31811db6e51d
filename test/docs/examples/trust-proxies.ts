import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

/** @param proxies their addresses or subnets: '10.0.0.0/8' */
export async function createOnExpress(module: Type, proxies: string[]) {
  const app = await NestFactory.create<NestExpressApplication>(module);
  app.set('trust proxy', proxies);
  return app;
}

export function createOnFastify(module: Type, proxies: string[]) {
  return NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter({ trustProxy: proxies }));
}
