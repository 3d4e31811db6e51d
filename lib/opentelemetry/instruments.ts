import type { Meter } from '@opentelemetry/api';

/** Streams live for minutes and days: with the usual buckets, made for requests, all of them would be in the last one. */
const STREAM_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];
const PUBLISH_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const HANDLER_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Everything that is measured. */
export type Instruments = ReturnType<typeof createInstruments>;

export function createInstruments(meter: Meter) {
  return {
    activeStreams: meter.createUpDownCounter('sse.server.active_streams', {
      description: 'Streams that are open',
      unit: '{stream}',
    }),
    openedStreams: meter.createCounter('sse.server.opened_streams', {
      description: 'Streams that have been opened',
      unit: '{stream}',
    }),
    closedStreams: meter.createCounter('sse.server.closed_streams', {
      description: 'Streams that had opened and have ended, by reason',
      unit: '{stream}',
    }),
    refusedStreams: meter.createCounter('sse.server.refused_streams', {
      description: 'Requests that got no stream, by reason',
      unit: '{request}',
    }),
    streamDuration: meter.createHistogram('sse.server.stream.duration', {
      description: 'How long streams were open',
      unit: 's',
      advice: { explicitBucketBoundaries: STREAM_SECONDS },
    }),
    sentMessages: meter.createCounter('sse.server.sent_messages', {
      description: 'Messages that were written to streams, to each of them once',
      unit: '{message}',
    }),
    sentBytes: meter.createCounter('sse.server.io', {
      description: 'What was written to streams, before compression',
      unit: 'By',
    }),
    pings: meter.createCounter('sse.server.pings', {
      description: 'Pings that were written to streams',
      unit: '{ping}',
    }),
    publishDuration: meter.createHistogram('sse.channel.publish.duration', {
      description: 'From publish() until the message was offered to every subscriber of this process',
      unit: 's',
      advice: { explicitBucketBoundaries: PUBLISH_SECONDS },
    }),
    publishedMessages: meter.createCounter('sse.channel.published_messages', {
      description: 'Messages that this process has published',
      unit: '{message}',
    }),
    publishFailures: meter.createCounter('sse.channel.publish_failures', {
      description: 'Messages that could not be published',
      unit: '{message}',
    }),
    gaps: meter.createCounter('sse.channel.gaps', {
      description: 'Gaps that subscribers were told of, by reason',
      unit: '{gap}',
    }),
    forgottenMessages: meter.createCounter('sse.channel.history.evictions', {
      description: 'Messages that history has forgotten, for the bounds of their channel or of all together',
      unit: '{message}',
    }),
    keptBytes: meter.createObservableGauge('sse.channel.history.size', {
      description: 'Memory that history takes, roughly',
      unit: 'By',
    }),
    laggingSubscribers: meter.createObservableGauge('sse.channel.lagging_subscribers', {
      description: 'Subscribers that have not been given everything yet',
      unit: '{subscriber}',
    }),
    lag: meter.createObservableGauge('sse.channel.lag', {
      description: 'Messages that the subscriber that is furthest behind has not been given',
      unit: '{message}',
    }),
    attempts: meter.createCounter('sse.client.attempts', {
      description: 'Connections that receivers have begun to make',
      unit: '{attempt}',
    }),
    outcomes: meter.createCounter('sse.client.outcomes', {
      description: 'How the connections of receivers have ended',
      unit: '{attempt}',
    }),
    subscriptions: meter.createObservableGauge('sse.client.subscriptions', {
      description:
        'Subscriptions of receivers by state; those that nobody consumes, and that are closed, are not among them',
      unit: '{subscription}',
    }),
    receivedMessages: meter.createCounter('sse.client.received_messages', {
      description: 'Messages that receivers have got',
      unit: '{message}',
    }),
    lastEventAge: meter.createObservableGauge('sse.client.last_event.age', {
      description: 'Time since the last message of a source',
      unit: 's',
    }),
    backlog: meter.createObservableGauge('sse.client.backlog', {
      description: 'Messages that have arrived and that not every consumer has finished',
      unit: '{message}',
    }),
    handlerDuration: meter.createHistogram('sse.client.handler.duration', {
      description: 'How long methods with @OnSseEvent() have taken, each attempt by itself',
      unit: 's',
      advice: { explicitBucketBoundaries: HANDLER_SECONDS },
    }),
  };
}
