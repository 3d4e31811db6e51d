/*
 * The least that a fan-out costs on this machine: the bytes of fan-out-server.mjs, made once per burst and given to each socket
 * with one send(). Linux only. `fan-out-floor <bytes of a message>` prints its port, then answers a line for each line that it
 * reads, but for `publish <count>`: `cpu` (milliseconds so far), `watch` (0), `stall` (the longest round of its event loop
 * since then, in milliseconds) and `rest` (0, once nobody is connected any more).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 1024, COMMAND_BYTES = 256, REQUEST_BYTES = 4096, FRAME_BYTES = 128 };

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";

/* What a socket did not take at once waits here. */
struct stream {
  int fd, index, open;
  char *rest;
  size_t rest_length;
};

static int epoll, filler_length, resting, watching;
static long published;
static double stall_ms;
static struct stream **streams;
static int stream_count, stream_room;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *must(void *memory) {
  if (!memory) fail("memory");
  return memory;
}

static double now_ms(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void answer(double value) {
  printf("%.3f\n", value);
  fflush(stdout);
}

static void answer_when_resting(void) {
  if (!resting || stream_count > 0) return;
  resting = 0;
  answer(0);
}

static void await(struct stream *stream, unsigned events, int how) {
  struct epoll_event event = {.events = events, .data.ptr = stream};
  if (epoll_ctl(epoll, how, stream->fd, &event) < 0) fail("epoll_ctl");
}

static void drop(struct stream *stream) {
  struct stream *last = streams[--stream_count];
  streams[stream->index] = last;
  last->index = stream->index;
  close(stream->fd);
  free(stream->rest);
  free(stream);
  answer_when_resting();
}

static void add(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (stream_count == stream_room) {
    stream_room = stream_room ? stream_room * 2 : 1024;
    streams = must(realloc(streams, stream_room * sizeof *streams));
  }
  struct stream *stream = must(calloc(1, sizeof *stream));
  stream->fd = fd;
  stream->index = stream_count;
  streams[stream_count++] = stream;
  await(stream, EPOLLIN, EPOLL_CTL_ADD);
}

/* 0 when the stream is gone. */
static int deliver(struct stream *stream, const char *bytes, size_t length) {
  ssize_t sent = stream->rest ? 0 : send(stream->fd, bytes, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    drop(stream);
    return 0;
  }
  size_t taken = sent < 0 ? 0 : (size_t)sent;
  if (taken == length) return 1;
  if (!stream->rest) await(stream, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  stream->rest = must(realloc(stream->rest, stream->rest_length + length - taken));
  memcpy(stream->rest + stream->rest_length, bytes + taken, length - taken);
  stream->rest_length += length - taken;
  return 1;
}

static void go_on(struct stream *stream) {
  ssize_t sent = send(stream->fd, stream->rest, stream->rest_length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    drop(stream);
    return;
  }
  size_t taken = sent < 0 ? 0 : (size_t)sent;
  stream->rest_length -= taken;
  memmove(stream->rest, stream->rest + taken, stream->rest_length);
  if (stream->rest_length > 0) return;
  free(stream->rest);
  stream->rest = NULL;
  await(stream, EPOLLIN, EPOLL_CTL_MOD);
}

/* A request comes in one piece; nothing else comes but the end. 0 when the stream is gone. */
static int hear(struct stream *stream) {
  char request[REQUEST_BYTES];
  ssize_t length = recv(stream->fd, request, sizeof request, 0);
  if (length > 0 && !stream->open) {
    stream->open = 1;
    return deliver(stream, HEAD, sizeof HEAD - 1);
  }
  if (length > 0 || (length < 0 && errno == EAGAIN)) return 1;
  drop(stream);
  return 0;
}

static char *put_frames(char *at, int count) {
  for (int index = 0; index < count; index++) {
    long n = published++;
    at += sprintf(at, "id: %ld\nevent: tick\ndata: {\"n\":%ld,\"filler\":\"", n, n);
    memset(at, 'x', filler_length);
    at += filler_length;
    at += sprintf(at, "\",\"last\":%d}\n\n", index == count - 1);
  }
  return at;
}

/* All messages of a burst in one chunk (RFC 9112 7.1). */
static void publish(int count) {
  size_t room = (size_t)count * (filler_length + FRAME_BYTES);
  char *frames = must(malloc(room)), *chunk = must(malloc(room + FRAME_BYTES));
  size_t length = put_frames(frames, count) - frames;
  size_t at = sprintf(chunk, "%zx\r\n", length);
  memcpy(chunk + at, frames, length);
  memcpy(chunk + at + length, "\r\n", 2);
  for (int index = stream_count - 1; index >= 0; index--) {
    if (streams[index]->open) deliver(streams[index], chunk, at + length + 2);
  }
  free(frames);
  free(chunk);
}

static void obey(const char *line) {
  int count;
  if (sscanf(line, "publish %d", &count) == 1) publish(count);
  else if (!strcmp(line, "cpu")) answer(now_ms(CLOCK_PROCESS_CPUTIME_ID));
  else if (!strcmp(line, "watch")) answer(stall_ms = 0), watching = 1;
  else if (!strcmp(line, "stall")) watching = 0, answer(stall_ms);
  else if (!strcmp(line, "rest")) resting = 1, answer_when_resting();
}

/* What came on the standard input, line by line; its end is the end of all. */
static void read_commands(void) {
  static char text[COMMAND_BYTES];
  static size_t length;
  ssize_t more = read(STDIN_FILENO, text + length, sizeof text - length - 1);
  if (more <= 0) exit(0);
  text[length += more] = 0;
  char *line = text;
  for (char *end; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    obey(line);
  }
  length -= line - text;
  memmove(text, line, length);
}

static void accept_all(int listener) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) add(fd);
}

static int listen_on_loopback(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, BACKLOG) < 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) < 0) {
    fail("listen");
  }
  answer(ntohs(address.sin_port));
  return listener;
}

/* One descriptor for each stream: as many as the hard limit allows. */
static void raise_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char **arguments) {
  int bytes = count > 1 ? atoi(arguments[1]) : 110;
  filler_length = bytes > 71 ? bytes - 70 : 1;
  raise_limit();
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct stream input = {.fd = STDIN_FILENO}, listener = {.fd = listen_on_loopback()};
  await(&input, EPOLLIN, EPOLL_CTL_ADD);
  await(&listener, EPOLLIN, EPOLL_CTL_ADD);
  struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    double begun = now_ms(CLOCK_MONOTONIC);
    int commanded = 0;
    for (int index = 0; index < ready; index++) {
      struct stream *stream = events[index].data.ptr;
      if (stream == &input) commanded = 1;
      else if (stream == &listener) accept_all(listener.fd);
      else if (!(events[index].events & ~EPOLLOUT) || hear(stream)) {
        if ((events[index].events & EPOLLOUT) && stream->rest) go_on(stream);
      }
    }
    /* Last, for it may drop streams that are among the events. */
    if (commanded) read_commands();
    double took = now_ms(CLOCK_MONOTONIC) - begun;
    if (watching && took > stall_ms) stall_ms = took;
  }
}
