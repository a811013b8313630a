// The floor that servers are measured against: what the kernel alone asks for an answer.
//
//   epoll_floor RESPONSE_FILE     sends the file's bytes for every request, with its Date kept up to date

#include <cstdio>

#include "floor_server.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: epoll_floor RESPONSE_FILE\n", stderr);
    return 2;
  }
  static bench::floor_server server{bench::read_file(argv[1])};
  std::printf("listening on http://127.0.0.1:%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  for (;;) server.serve(-1);
}
