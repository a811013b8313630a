// What a handler takes is one of the extractors.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
using id = int;
#else
using id = gh::path<"id", int>;
#endif
void add(gh::app& app) {
  app.get("/:id", [](id) { return "ok"; });
}
