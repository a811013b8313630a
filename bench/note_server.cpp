// Gatehouse as a server, the way its users write one: one route, everything else as it comes.
//
//   note_server JSON

#include <cstdio>
#include <string>

#include <gatehouse/gatehouse.hpp>

namespace gh = gatehouse;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: note_server JSON\n", stderr);
    return 2;
  }
  gh::app app;
  // Returned by reference: what is constant need not be copied for each request.
  const gh::json_text note{argv[1]};
  app.get("/notes/:id", [&note](gh::path<"id", int>) -> const gh::json_text& { return note; });
  return app.listen({.port = 0, .threads = 1});
}
