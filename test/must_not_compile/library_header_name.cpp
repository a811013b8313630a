// A field name is a token.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
using field = gh::header<"x y">;
#else
using field = gh::header<"x-y">;
#endif
void add(gh::app& app) {
  app.get("/", [](field) { return "ok"; });
}
