// A parameter is read as one of the types that have exactly one text form.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
using number = float;
#else
using number = double;
#endif
void add(gh::app& app) {
  app.get("/", [](gh::query<"x", number>) { return "ok"; });
}
