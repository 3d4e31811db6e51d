import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { createChannel, createSession } from 'better-sse';
import type { Request, Response } from 'express';

const wall = createChannel();

@Controller('wall')
export class WallController {
  @Get()
  async follow(@Req() request: Request, @Res() response: Response) {
    const session = await createSession(request, response);
    session.push({ you: 'are in' }, 'welcome');
    wall.register(session);
  }

  @Post()
  post(@Body('text') text: string) {
    wall.broadcast(text, 'posted');
  }
}
