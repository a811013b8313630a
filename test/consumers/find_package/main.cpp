// A user's first file: compiled against the installed package, and timed (test/consumers/compile_time).
#include <cstdint>
#include <string>

#include <gatehouse/gatehouse.hpp>

namespace gh = gatehouse;

int main() {
  gh::app app;
  app.use(gh::compression());
  app.get("/health", [] { return "ok"; });
  app.get("/notes/:id", [](gh::path<"id", std::int64_t> id) { return "note " + std::to_string(*id); });
  app.get("/hello", [](gh::query<"name", std::string> name) { return "hello " + *name + std::string(2'000, '!'); });
  app.on_error([](const gh::request_error& e, const gh::request&) { return gh::plain_text("sorry").status(e.status); });

  gh::test_client client(app);
  const bool works = client.get("/health").status == 200 && client.get("/nowhere").body == "sorry" &&
                     client.get("/hello?name=you", {{"Accept-Encoding", "br"}}).header("Content-Encoding") == "br";
  return works ? 0 : 1;
}
