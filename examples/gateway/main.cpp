// The gateway in four lines: what is behind gets the same protection as a library user's own routes.
#include <cstdint>
#include <cstdlib>

#include <gatehouse/gatehouse.hpp>

namespace gh = gatehouse;

int main(int argc, char** argv) {
  gh::app app;
  app.get("/health", [] { return "ok"; });  // answered here; everything else by the service
  app.mount("/", gh::proxy(argc > 1 ? argv[1] : "http://127.0.0.1:4000"));

  const auto port = argc > 2 ? std::atoi(argv[2]) : 5000;
  return app.listen({.port = static_cast<std::uint16_t>(port)});
}
