// The smallest API: curl http://127.0.0.1:5000/hello/world
#include <cstdint>
#include <cstdlib>
#include <string>

#include <gatehouse/gatehouse.hpp>

namespace gh = gatehouse;

int main(int argc, char** argv) {
  gh::app app;  // already on: strict HTTP, limits, deadlines, security headers, safe errors

  app.get("/health", [] { return "ok"; });
  app.get("/hello/:name", [](gh::path<"name"> name) { return "hello " + *name; });
  app.get("/square/:n", [](gh::path<"n", std::int32_t> n) { return std::to_string(std::int64_t{*n} * *n); });

  const auto port = argc > 1 ? std::atoi(argv[1]) : 5000;
  return app.listen({.port = static_cast<std::uint16_t>(port)});  // 127.0.0.1 unless told otherwise
}
