// The content is taken once.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
using second = gh::body_bytes;
#else
using second = gh::query<"x">;
#endif
void add(gh::app& app) {
  app.post("/", [](gh::body_text, second) { return "ok"; });
}
