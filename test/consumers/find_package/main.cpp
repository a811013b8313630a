// A user's first file: compiled against the installed package, and timed (test/consumers/compile_time).
#include <cstdint>
#include <string>

#include <gatehouse/gatehouse.hpp>

namespace gh = gatehouse;

int main() {
  gh::app app;
  app.get("/health", [] { return "ok"; });
  app.get("/notes/:id", [](gh::path<"id", std::int64_t> id) { return "note " + std::to_string(*id); });
  app.get("/hello", [](gh::query<"name", std::string> name) { return "hello " + *name; });

  return gh::test_client(app).get("/health").status == 200 ? 0 : 1;
}
