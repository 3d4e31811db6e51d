import { describe, expect, it } from '@jest/globals';
import { RequestContext } from './request-context.js';

class AnyController {
  handler(): void {}
}

describe('RequestContext', () => {
  const request = { url: '/' };
  const response = { statusCode: 200 };
  const { handler } = AnyController.prototype;
  const context = new RequestContext(AnyController, handler, request, response);

  it('shows what guards and interceptors see', () => {
    expect(context.getClass()).toBe(AnyController);
    expect(context.getHandler()).toBe(handler);
    expect(context.getType()).toBe('http');
    expect(context.getArgs()).toEqual([request, response]);
    expect(context.getArgByIndex(1)).toBe(response);
    const http = context.switchToHttp();
    expect([http.getRequest(), http.getResponse(), http.getNext()]).toEqual([request, response, undefined]);
  });

  it('gives the arguments by position to whoever asks for another kind of context, like Nest does', () => {
    const rpc = context.switchToRpc();
    expect([rpc.getData(), rpc.getContext()]).toEqual([request, response]);
    const ws = context.switchToWs();
    expect([ws.getData(), ws.getClient(), ws.getPattern()]).toEqual([response, request, undefined]);
  });

  it('keeps its arguments to itself', () => {
    context.getArgs().length = 0;
    expect(context.getArgs()).toHaveLength(2);
  });
});
