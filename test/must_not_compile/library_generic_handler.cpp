// What a handler takes must be known.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
void add(gh::app& app) {
#ifdef MUST_NOT_COMPILE
  app.get("/", [](auto) { return "ok"; });
#else
  app.get("/", [](const gh::request&) { return "ok"; });
#endif
}
